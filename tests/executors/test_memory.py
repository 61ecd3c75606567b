"""A worker that Ray ends to save the machine's memory does not end the run, and a run that cannot go on says why."""

from types import SimpleNamespace

import pytest
import ray

from benchmark.contracts import BenchmarkError
from benchmark.executors import Driver, Resources, ray_tune


def task(name):
    return SimpleNamespace(config=SimpleNamespace(id=name))


@pytest.fixture
def tuned(monkeypatch):
    """Runs three trials, of which each Tune run ends as many as it is told before the memory runs out."""
    seen = []

    def run(*ended):
        turns = iter(ended)

        def tune(ray_module, tasks, driver, resources, done):
            seen.append([one.config.id for one in tasks])
            turn = next(turns)
            done.update(seen[-1][:turn])
            if turn < len(tasks):
                raise RuntimeError("Caught unexpected exception") from ray.exceptions.OutOfMemoryError("low on memory")

        monkeypatch.setattr(ray_tune, "_connect", lambda *_: None)
        monkeypatch.setattr(ray_tune, "_check_capacity", lambda *_: None)
        monkeypatch.setattr(ray_tune, "_tune", tune)
        ray_tune.run_on_ray([task(n) for n in "abc"], Driver(lambda record: None, lambda: False), Resources())
        return seen

    run.seen = seen
    return run


def test_what_is_left_goes_on_after_the_memory_ran_out(tuned):
    assert tuned(1, 0, 2) == [["a", "b", "c"], ["b", "c"], ["b", "c"]]


def test_a_machine_without_memory_for_a_single_trial_is_said(tuned):
    with pytest.raises(BenchmarkError, match=r"memory ran out 2 times.*2 are left.*--workers"):
        tuned(1, 0, 0)


def test_another_error_is_not_hidden(tuned, monkeypatch):
    def fail(*_):
        raise RuntimeError("on purpose")

    tuned(3)
    monkeypatch.setattr(ray_tune, "_tune", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        ray_tune.run_on_ray([task("a")], Driver(lambda record: None, lambda: False), Resources())
