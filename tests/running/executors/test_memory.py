"""A worker that Ray ends to save the machine's memory does not end the run, and a run
that cannot go on says why.
"""

from pathlib import Path
from types import SimpleNamespace

import pytest
import ray

from benchmark.contracts import BenchmarkError
from benchmark.running.executors import Resources, ray_tune
from benchmark.running.executors.ray_tune import Session, Work

SESSION = Session(Resources(), Path("/nowhere"))
WORK = Work([{"name": name} for name in "abc"], [], [[], [], []])
RAY = SimpleNamespace(
    exceptions=ray.exceptions, is_initialized=lambda: True, shutdown=lambda: None
)  # nothing is started


@pytest.fixture
def tuned(monkeypatch):
    """Runs three trials, of which each Tune run ends as many as it is told before the
    memory runs out.
    """
    seen = []

    def run(*ended):
        turns = iter(ended)

        def tune(ray_module, session, work, report, should_stop, done):
            left = [index for index in range(len(work.tasks)) if index not in done]
            seen.append(left)
            turn = next(turns)
            done.update(left[:turn])
            if turn < len(left):
                raise RuntimeError("Caught unexpected exception") from ray.exceptions.OutOfMemoryError("low on memory")

        monkeypatch.setattr(ray_tune, "_tune", tune)
        ray_tune.run_on_ray(RAY, SESSION, WORK, lambda index, outcome: None, lambda: False)
        return seen

    return run


def test_what_is_left_goes_on_after_the_memory_ran_out(tuned):
    assert tuned(1, 0, 2) == [[0, 1, 2], [1, 2], [1, 2]]


def test_a_machine_without_memory_for_a_single_trial_is_said(tuned):
    with pytest.raises(BenchmarkError, match=r"memory.*\b2 .*\b2 .*--workers"):
        tuned(1, 0, 0)


def test_another_error_is_not_hidden(tuned, monkeypatch):
    def fail(*_):
        raise RuntimeError("on purpose")

    tuned(3)
    monkeypatch.setattr(ray_tune, "_tune", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        ray_tune.run_on_ray(RAY, SESSION, WORK, lambda index, outcome: None, lambda: False)
