"""A training that methods share is done once, shown again to the bit, charged in full, and never half kept."""

import fcntl
import threading

import numpy as np
import pytest

from benchmark.conformance.results import _task
from benchmark.conformance.worlds import world
from benchmark.contracts import method_from
from benchmark.trial import follow
from methods.engine import sharing
from methods.engine.sharing import SharedStages, StageMemory


def run(method, folder):
    """One trial of the small world that shares its trainings in the folder."""
    task = _task(method_from(method), world()).model_copy(update={"share": True, "artefacts": folder})
    return follow(task, method_from(method), world().materials)


def pass_on(seconds):
    """Wait for nothing."""


def kept(folder):
    return [path for path in (folder / "shared-trainings").iterdir() if path.name[0] != "."]


@pytest.mark.parametrize("second", ["dygen[score=random]", "dygen", "cr", "cr_npc", "dygen[until=stage_one]"])
def test_a_shared_training_gives_the_bits_of_a_training_of_ones_own(tmp_path, second):
    run("dygen", tmp_path / "shared")
    assert len(kept(tmp_path / "shared")) == 1
    shown, shared_kit = run(second, tmp_path / "shared")
    trained, own_kit = run(second, tmp_path / "own")
    assert shared_kit.counts.saved_s > 0 == own_kit.counts.saved_s
    np.testing.assert_array_equal(shown.last_test, trained.last_test)
    assert {rule: found.metrics for rule, found in shown.selections.items()} == {
        rule: found.metrics for rule, found in trained.selections.items()
    }
    assert shared_kit.counts.backward_texts == own_kit.counts.backward_texts


@pytest.mark.parametrize("other", ["dygen[branches=1]", "dygen[agreement=1]", "dygen[mode=released]"])
def test_another_stage_is_another_training(tmp_path, other):
    run("dygen", tmp_path)
    assert run(other, tmp_path)[1].counts.saved_s == 0
    assert len(kept(tmp_path)) == 2


def test_methods_that_do_not_look_at_every_point_leave_no_memory(tmp_path):
    for method in ("cr", "cr_npc"):
        run(method, tmp_path)
    assert not kept(tmp_path)


def test_a_training_that_was_not_finished_leaves_nothing(tmp_path):
    stages = SharedStages(tmp_path, "cell")
    with pytest.raises(RuntimeError), stages.claim("stage", True, pass_on) as memory:
        memory.fractions.append(1.0)
        raise RuntimeError
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
    with stages.claim("stage", True, pass_on) as memory:
        assert isinstance(memory, StageMemory)
        assert not memory.complete


def test_the_least_lately_used_trainings_make_room(tmp_path, monkeypatch):
    run("dygen", tmp_path)
    before = kept(tmp_path)
    monkeypatch.setattr(sharing, "LARGEST_FOLDER_GIB", 0.0)
    run("dygen[agreement=1]", tmp_path)
    assert len(kept(tmp_path)) == 1
    assert kept(tmp_path) != before


def test_a_trial_waits_for_the_one_that_trains(tmp_path):
    stages = SharedStages(tmp_path, "cell")
    waited = []

    class Impatient(Exception):
        pass

    def give_up(seconds):
        waited.append(seconds)
        raise Impatient

    with stages.claim("stage", True, pass_on), pytest.raises(Impatient):  # noqa: SIM117
        with stages.claim("stage", True, give_up):
            pass
    assert waited


def test_what_a_trial_waited_for_another_is_no_cost_of_its_method(tmp_path):
    run("dygen", tmp_path)
    (lock,) = (tmp_path / "shared-trainings").glob(".*.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        busy = threading.Timer(1.0, fcntl.flock, (held, fcntl.LOCK_UN))
        busy.start()
        counts = run("cr", tmp_path)[1].counts
        busy.join()
    assert 0.5 < counts.waited_s < 5
    assert counts.wall_s(100.0) == 100.0 + counts.saved_s - counts.waited_s
