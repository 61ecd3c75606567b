"""What a process pays once is paid before its first trial, and no more than its trials
need.
"""

import subprocess
import sys
import time

from benchmark.running.executors import trial_runner
from benchmark.running.executors.serial import serial_run
from benchmark.running.executors.trial_runner import TrialRunner

PAID = """
import gc, sys
from benchmark.running.executors import trial_process
trial_process._pay_once()
frozen = gc.get_freeze_count()
from benchmark.contracts import methods
from benchmark.records.code import provenance
parsed = provenance._source.cache_info().currsize
trial_process._pay_once_an_encoder("frozen:minilm")
without = "transformers" in sys.modules
trial_process._pay_once_an_encoder("scratch:tiny")
print("torch._dynamo" in sys.modules, parsed > 10, frozen > 100_000, without, trial_process.TRANSFORMER in sys.modules)
"""


def test_a_process_pays_for_torch_and_digests_at_once_and_for_transformers_where_an_encoder_trains():
    done = subprocess.run([sys.executable, "-c", PAID], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "False", "True"]


class Slow:
    """A process whose imports take longer than its trial may."""

    alive = True
    begins_after = 0.2
    ended = False

    def __init__(self, target):
        self.messages = [{"ready": True}]
        self.sent = []

    def forget_output(self):
        pass

    def end(self):
        self.ended = True

    def send(self, message):
        self.sent.append(message)
        self.messages += [None, {"begun": True}, {"record": "a record"}]

    def receive(self, seconds):
        message = self.messages.pop(0)
        if message is None:
            time.sleep(self.begins_after)
        return message


class Task:
    time_limit_s = 0.1

    def model_dump(self, mode):
        return {"a": "task"}


def test_the_time_limit_of_a_trial_counts_from_its_beginning(monkeypatch):
    monkeypatch.setattr(trial_runner, "Process", Slow)
    monkeypatch.setattr(trial_runner, "SECONDS_PAST_THE_LIMIT", 0.0)
    runner = TrialRunner()
    assert runner.run(Task()) == {"record": "a record"}


def test_a_process_that_was_started_ahead_is_the_one_that_runs_all_trials(monkeypatch):
    made = []
    monkeypatch.setattr(trial_runner, "Process", lambda target: made.append(Slow(target)) or made[-1])
    runner = TrialRunner()
    runner.start()
    for _ in range(2):
        assert runner.run(Task()) == {"record": "a record"}
    assert len(made) == 1


def test_a_process_that_died_before_its_first_trial_is_replaced(monkeypatch):
    made = []
    monkeypatch.setattr(trial_runner, "Process", lambda target: made.append(Slow(target)) or made[-1])
    runner = TrialRunner()
    runner.start()
    made[0].alive = False
    assert runner.run(Task()) == {"record": "a record"}
    assert len(made) == 2


def test_a_serial_run_starts_its_process_before_anything_is_prepared(monkeypatch):
    made = []
    monkeypatch.setattr(trial_runner, "Process", lambda target: made.append(Slow(target)) or made[-1])
    with serial_run():
        assert len(made) == 1
    assert made[0].ended


def test_a_process_that_ends_before_a_trial_begins_is_a_failure_of_that_trial(monkeypatch):
    class Dies(Slow):
        def receive(self, seconds):
            if self.sent:
                raise trial_runner.EndedError(-9, [], False)
            return super().receive(seconds)

    monkeypatch.setattr(trial_runner, "Process", Dies)
    failure = TrialRunner().run(Task())["failure"]
    assert failure["error_class"] == "ProcessKilled"
    assert "SIGKILL" in failure["message"]
