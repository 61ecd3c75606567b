"""A training that methods share is done once, shown again to the bit, charged in full,
and never half kept.
"""

import fcntl
import threading
from dataclasses import replace

import numpy as np
import pytest

from benchmark.conformance.results import _task
from benchmark.conformance.worlds import SHORT, world
from benchmark.contracts import Outputs, method_from
from benchmark.training import sharing
from benchmark.training.sharing import SharedStages, Spent, StageMemory
from benchmark.trial.run import follow

APART = replace(SHORT, epochs=3, batch_size=8, points=5)
"""A recipe of which one epoch ends between two selection points."""


def run(method, folder, recipe=SHORT, **options):
    """One trial of the small world that shares its trainings in the folder."""
    here = world(recipe=recipe)
    task = _task(method_from(method), here).model_copy(update={"share": True, "artefacts": folder, **options})
    return follow(task, method_from(method), here.trial_inputs)


def pass_on(seconds):
    """Wait for nothing."""


def kept(folder):
    return [path for path in (folder / "shared-trainings").glob("*") if path.name[0] != "."]


def assert_same_results(first, second):
    (shown, shared_kit), (trained, own_kit) = first, second
    np.testing.assert_array_equal(shown.last_test, trained.last_test)
    assert {rule: found.metrics for rule, found in shown.selections.items()} == {
        rule: found.metrics for rule, found in trained.selections.items()
    }
    assert [point.fraction for point in shown.curve] == [point.fraction for point in trained.curve]
    assert shared_kit.counts.backward_texts == own_kit.counts.backward_texts
    assert shared_kit.counts.forward_texts == own_kit.counts.forward_texts


@pytest.mark.parametrize("recipe", [SHORT, APART], ids=["epochs end at points", "epochs end elsewhere"])
@pytest.mark.parametrize("second", ["dygen[score=random]", "dygen", "cr", "cr_npc", "dygen[until=stage_one]"])
def test_a_shared_training_gives_the_bits_of_a_training_of_ones_own(tmp_path, second, recipe):
    run("dygen", tmp_path / "shared", recipe)
    assert len(kept(tmp_path / "shared")) == 1
    shown, trained = run(second, tmp_path / "shared", recipe), run(second, tmp_path / "own", recipe)
    assert shown[1].counts.saved_s > 0 == trained[1].counts.saved_s
    assert_same_results(shown, trained)


@pytest.mark.parametrize("recipe", [SHORT, APART], ids=["epochs end at points", "epochs end elsewhere"])
@pytest.mark.parametrize("method", ["dygen", "dygen[trajectory=all]", "dygen[mode=released_leaky]"])
def test_to_write_a_training_down_for_others_changes_neither_results_nor_passes(tmp_path, method, recipe):
    writing = run(method, tmp_path, recipe)
    assert len(kept(tmp_path)) == 1
    assert_same_results(writing, run(method, tmp_path / "none", recipe, share=False))


@pytest.mark.parametrize(
    "first, second", [("dygen", "dygen[trajectory=all]"), ("dygen[trajectory=all]", "dygen")], ids=["all", "epochs"]
)
def test_a_training_that_was_not_looked_at_as_asked_is_trained_again(tmp_path, first, second):
    run(first, tmp_path / "shared", APART)
    again, own = run(second, tmp_path / "shared", APART), run(second, tmp_path / "own", APART)
    assert again[1].counts.saved_s == 0
    assert_same_results(again, own)


def test_curves_of_a_method_are_those_of_a_training_of_its_own(tmp_path):
    run("dygen", tmp_path / "shared", APART, curves=True)
    shown, trained = (run("cr", tmp_path / name, APART, curves=True)[0] for name in ("shared", "own"))
    assert shown.curve == trained.curve


@pytest.mark.parametrize("recipe", [SHORT, APART], ids=["epochs end at points", "epochs end elsewhere"])
def test_training_texts_are_looked_at_once_an_epoch(tmp_path, recipe):
    trained, looked_at = 32, 32 + 12 + 24
    assert run("dygen", tmp_path, recipe)[1].counts.forward_texts == 2 * recipe.epochs * (trained + looked_at)


@pytest.mark.parametrize("other", ["dygen[branches=1]", "dygen[agreement=1]", "dygen[mode=released]"])
def test_another_stage_is_another_training(tmp_path, other):
    run("dygen", tmp_path)
    run(other, tmp_path)
    assert len(kept(tmp_path)) == 2


def test_methods_that_do_not_look_at_every_point_leave_no_memory(tmp_path):
    for method in ("cr", "cr_npc"):
        run(method, tmp_path)
    assert not kept(tmp_path)


def test_a_training_that_was_not_finished_leaves_nothing(tmp_path):
    stages = SharedStages(tmp_path, "cell")
    with pytest.raises(RuntimeError), stages.claim("stage", True, pass_on) as memory:
        memory.moments.append({"points": 1.0, "epochs": 1.0})
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


def test_a_shared_training_that_was_changed_is_not_shown_but_trained_again(tmp_path):
    run("dygen", tmp_path)
    (place,) = kept(tmp_path)
    path = sorted(place.glob("*-train-probabilities.npy"))[0]
    content = path.read_bytes()
    np.save(path, np.load(path)[::-1])
    shown, trainer = run("dygen[score=random]", tmp_path)
    trained, _ = run("dygen[score=random]", tmp_path / "own")
    assert trainer.counts.saved_s == 0
    np.testing.assert_array_equal(shown.last_test, trained.last_test)
    assert path.read_bytes() == content


@pytest.mark.parametrize("record", [True, False])
def test_two_trials_read_a_finished_training_at_once(tmp_path, record):
    def refuse(seconds):
        raise AssertionError(seconds)

    stages = SharedStages(tmp_path, "cell")
    with stages.claim("stage", True, pass_on) as memory:
        memory.moments.append({"points": 1.0, "epochs": 1.0})
        for split in sharing.SPLITS:
            memory.keep(0, split, Outputs(np.ones((2, 1, 1), dtype=np.float32)), Spent())
    with stages.claim("stage", record, refuse) as first, stages.claim("stage", record, refuse) as second:
        assert first.complete
        assert second.complete


def test_trials_that_record_nothing_do_not_wait_for_each_other(tmp_path):
    def refuse(seconds):
        raise AssertionError(seconds)

    stages = SharedStages(tmp_path, "cell")
    with stages.claim("stage", False, refuse) as first, stages.claim("stage", False, refuse) as second:
        assert first is None
        assert second is None
