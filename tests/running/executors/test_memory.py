"""A worker that Ray ends to save the machine's memory does not end the run, and a run
that cannot go on says why.
"""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import ray

from benchmark.contracts import BenchmarkError
from benchmark.running.executors import Resources, ray_tune
from benchmark.running.executors.ray_tune import Session
from benchmark.running.executors.tune_hooks import Feed

SESSION = Session(Resources(), Path("/nowhere"))
RAY = SimpleNamespace(
    exceptions=ray.exceptions, is_initialized=lambda: True, shutdown=lambda: None
)  # nothing is started


@pytest.fixture
def feed():
    """Three tasks that wait."""
    made = Feed(threading.Event())
    made.add(enumerate("abc"))
    return made


@pytest.fixture
def tuned(monkeypatch, feed):
    """Runs the tasks, of which each Tune run starts all that wait and ends as many as
    it is told before the memory runs out.
    """
    seen = []

    def run(*ended):
        turns = iter(ended)

        def tune(ray_module, session, fed, report, artefacts):
            left = []
            while fed.waiting():
                left.append(fed.suggest(f"trial {len(left)}")["number"])
            seen.append(left)
            turn = next(turns)
            for number in left[:turn]:
                fed.take(number)
                report(number, {})
            if turn < len(left):
                raise RuntimeError("Caught unexpected exception") from ray.exceptions.OutOfMemoryError("low on memory")

        monkeypatch.setattr(ray_tune, "_tune", tune)
        ray_tune.run_on_ray(RAY, SESSION, feed, lambda number, outcome: None, "/nowhere")
        return seen

    return run


def test_what_is_left_goes_on_after_the_memory_ran_out(tuned):
    assert tuned(1, 0, 2) == [[0, 1, 2], [1, 2], [1, 2]]


def test_a_machine_without_memory_for_a_single_trial_is_said(tuned):
    with pytest.raises(BenchmarkError, match=r"memory.*\b2 .*\b2 .*--workers"):
        tuned(1, 0, 0)


def test_another_error_is_not_hidden(tuned, feed, monkeypatch):
    def fail(*_):
        raise RuntimeError("on purpose")

    tuned(3)
    monkeypatch.setattr(ray_tune, "_tune", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        ray_tune.run_on_ray(RAY, SESSION, feed, lambda number, outcome: None, "/nowhere")
