"""A shared training gives the bits and costs of a training of one's own."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.conformance.results import _task
from benchmark.conformance.worlds import SHORT, world
from benchmark.contracts import Outputs, method_from
from benchmark.records.artefacts import ArtefactCache, DamagedArtefactError
from benchmark.training import trainer as trainer_module
from benchmark.training.costs import Counts, Spent
from benchmark.training.inputs import FeatureInputs
from benchmark.training.looks import KeptOutputs
from benchmark.training.recipes import Recipe
from benchmark.training.shared import Reads, StoredMoment, StoredOutputs, looks_by_step
from benchmark.training.trainer import TrialTimeoutError
from benchmark.trial import run as run_module
from benchmark.trial import shared_training
from benchmark.trial.run import follow
from benchmark.trial.shared_training import run_task, share_trainings

APART = replace(SHORT, epochs=3, batch_size=8, points=5)
"""A recipe of which one epoch ends between two selection points."""

RECIPES = pytest.mark.parametrize("recipe", [SHORT, APART], ids=["epochs end at points", "epochs end elsewhere"])
READERS = ["dygen[score=random]", "dygen", "cr", "cr_npc", "dygen[until=stage_one]", "dygen[trajectory=all]"]


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """Makes what methods share in a small world; gives the tasks that read it."""

    def make(*methods, recipe=SHORT, **options):
        here = world(recipe=recipe)
        monkeypatch.setattr(shared_training, "load_trial_inputs", lambda config, artefacts: here.trial_inputs)
        tasks = [
            _task(method_from(name), here).model_copy(update={"artefacts": tmp_path, **options}) for name in methods
        ]
        trials, trainings = share_trainings(tasks)
        for training in trainings:
            assert run_task(training) == {"trained": training.training}
        return trials, trainings

    return make


def run(task, recipe=SHORT):
    """Train and look as the harness does."""
    return follow(task, task.config.make_method(), world(recipe=recipe).trial_inputs)


def alone(task):
    return task.model_copy(update={"training": None})


def assert_same_results(first, second):
    (shown, reading), (trained, own) = first, second
    np.testing.assert_array_equal(shown.last_test, trained.last_test)
    assert {rule: found.metrics for rule, found in shown.selections.items()} == {
        rule: found.metrics for rule, found in trained.selections.items()
    }
    assert shown.curve == trained.curve
    assert reading.counts.backward_texts == own.counts.backward_texts
    assert reading.counts.forward_texts == own.counts.forward_texts
    # By their number a method's next training draws its dropout.
    assert reading.trainings == own.trainings


@RECIPES
@pytest.mark.parametrize("method", READERS)
def test_a_shared_training_gives_the_bits_and_passes_of_a_training_of_ones_own(shared, method, recipe):
    trials, trainings = shared("dygen[neighbours=3]", "cr[]", method, recipe=recipe)
    assert len(trainings) == 1
    assert trials[-1].training is not None
    read, own = run(trials[-1], recipe), run(alone(trials[-1]), recipe)
    assert read[1].counts.saved_s > 0
    assert own[1].counts.saved_s == 0
    assert_same_results(read, own)


@RECIPES
@pytest.mark.parametrize("mode", ["released", "released_leaky"])
def test_the_released_modes_share_a_training_of_their_own(shared, mode, recipe):
    trials, trainings = shared(f"dygen[mode={mode}]", f"dygen[mode={mode},neighbours=3]", "cr", recipe=recipe)
    assert len(trainings) == 1
    assert [task.training is None for task in trials] == [False, False, True]
    assert_same_results(run(trials[0], recipe), run(alone(trials[0]), recipe))


@pytest.mark.parametrize("method", ["dygen[mode=released]", "dygen[mode=released_leaky]"])
def test_the_method_and_the_harness_share_one_pass_over_a_split_at_a_moment(method, tmp_path, monkeypatch):
    here, passes, trainers = world(recipe=APART), [], []
    look_at, make = trainer_module.look_at, run_module.make_trainer

    def counted(inputs, *rest):
        passes.append((id(inputs), trainers[0].counts.backward_texts))
        return look_at(inputs, *rest)

    def noted(*given, **named):
        trainers.append(make(*given, **named))
        return trainers[0]

    monkeypatch.setattr(run_module, "make_trainer", noted)
    monkeypatch.setattr(trainer_module, "look_at", counted)
    task = _task(method_from(method), here).model_copy(update={"artefacts": tmp_path})
    follow(task, task.config.make_method(), here.trial_inputs)
    assert passes
    assert len(passes) == len(set(passes))


def test_what_a_method_does_to_its_outputs_changes_nothing_that_the_harness_reads():
    outputs = Outputs(np.ones((4, 1, 2), np.float32), np.ones((4, 1, 3), np.float16))
    kept, inputs = KeptOutputs(lambda encoded: outputs), FeatureInputs(np.zeros((4, 3), np.float32), np.arange(4))
    for _ in range(2):
        shown = kept.outputs(inputs, lambda: outputs)
        shown.probabilities[:] = 0
        shown.embedding[:] = 0
    np.testing.assert_array_equal(kept.outputs(inputs, lambda: outputs).probabilities, 1)
    np.testing.assert_array_equal(kept.outputs(inputs, lambda: outputs).embedding, 1)


@pytest.mark.parametrize("method", ["cr", "dygen", "dygen[until=stage_one]"])
def test_curves_are_those_of_a_training_of_ones_own(shared, method):
    trials, _ = shared("cr_npc", method, recipe=APART, curves=True)
    read, own = run(trials[1], APART), run(alone(trials[1]), APART)
    assert read[0].curve[0].wrong_fitted is not None
    assert_same_results(read, own)


@pytest.mark.parametrize("other", ["dygen[branches=1]", "dygen[agreement=1]", "dygen[mode=released]", "cross_entropy"])
def test_what_only_one_trial_would_read_is_not_made(shared, other):
    trials, trainings = shared("dygen", other)
    assert not trainings
    assert [task.training for task in trials] == [None, None]


def test_what_is_written_is_what_is_read(shared, tmp_path):
    _, (training,) = shared("cr", "cr_npc")
    names = {path.name for path in tmp_path.glob(f"{training.training}/*.npy")}
    last = SHORT.total_steps(32)
    assert {name for name in names if "embedding" in name} == {
        f"{last}-{split}-embedding.npy" for split in ("train", "valid", "test")
    }
    assert {name for name in names if "train" in name and "prob" in name} == {f"{last}-train-probabilities.npy"}


def test_moments_of_both_kinds_are_looked_at_once():
    recipe = Recipe("r", 0.1, epochs=2, batch_size=8, points=3, points_each_epoch=False)
    looks = looks_by_step([Reads("points", False, True, False), Reads("epochs", True, False, True)], recipe, 8)
    assert looks == {
        3: {"valid": False, "test": False},
        4: {"train": True},
        6: {"valid": False, "test": False},
        8: {"train": True, "valid": True, "test": True},
    }


def test_moments_at_which_nothing_is_read_are_written_all_the_same():
    recipe = Recipe("r", 0.1, epochs=2, batch_size=8)
    looks = looks_by_step([Reads("epochs", False, False, False)], recipe, 8)
    assert looks == {4: {}, 8: {"train": False, "valid": False, "test": False}}


def test_a_look_is_charged_once_however_often_it_is_read(tmp_path):
    np.save(tmp_path / "4-valid-probabilities.npy", np.ones((3, 1, 2), np.float32))
    trainer = SimpleNamespace(counts=Counts())
    stored = StoredOutputs(trainer, tmp_path, StoredMoment(4, Spent(), {"valid": Spent(2.0, 3)}), embedding=False)
    for _ in range(2):
        assert stored.look("valid").probabilities.shape == (3, 1, 2)
    assert (trainer.counts.forward_texts, trainer.counts.seconds) == (3, {"observe": 2.0})


def test_a_trial_that_reads_a_training_keeps_to_its_time_limit(shared):
    trials, _ = shared("cr", "cr_npc")
    with pytest.raises(TrialTimeoutError):
        run(trials[0].model_copy(update={"time_limit_s": 1e-9}))


def test_a_training_that_was_changed_is_not_read(shared, tmp_path):
    trials, (training,) = shared("cr", "cr_npc")
    path = sorted(tmp_path.glob(f"{training.training}/*-train-probabilities.npy"))[0]
    np.save(path, np.load(path)[::-1])
    with pytest.raises(DamagedArtefactError, match=training.training):
        run(trials[0])
    assert not ArtefactCache(tmp_path).place(training.training).exists()


def test_a_training_that_fails_leaves_nothing_and_says_why(shared, tmp_path, monkeypatch):
    def raise_it(*given, **named):
        raise ArithmeticError("loss is not finite")

    monkeypatch.setattr(shared_training, "write_training", raise_it)
    here = world()
    tasks = [_task(method_from(name), here).model_copy(update={"artefacts": tmp_path}) for name in ("cr", "cr_npc")]
    (training,) = share_trainings(tasks)[1]
    monkeypatch.setattr(shared_training, "load_trial_inputs", lambda config, artefacts: here.trial_inputs)
    outcome = run_task(training)
    assert outcome["failure"]["error_class"] == "ArithmeticError"
    assert "loss is not finite" in outcome["failure"]["message"]
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
