"""Every registered method keeps the contract, and each way of breaking it is caught by
the check that is meant to.
"""

import dataclasses
import inspect
import random

import numpy as np
import pytest
import torch

from benchmark.conformance import CHECKS, run_check
from benchmark.conformance.surroundings import surroundings
from benchmark.conformance.worlds import with_other_clean_labels, world
from benchmark.contracts import GradientMethod, Need, TrainingDiagnostics, UnknownNameError, method_from, methods

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
WITH_ORACLES = [f"{name}[rate=oracle]" for name in REGISTERED if methods[name].uses_noise_rate]
VARIANTS = ["gce[truncation=0.5]", "ensemble_ce[members=3]", "linear_probe[inverse_penalty=1]"]
KEPT = []


@pytest.fixture(autouse=True)
def _empty_memory():
    KEPT.clear()


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", REGISTERED + WITH_ORACLES + VARIANTS)
def test_registered_method_keeps_the_contract(name, check):
    problem = run_check(check, method_from(name))
    assert problem is None, f"{CHECKS[check]}: {problem}"


def broken(cls):
    return dataclasses.dataclass(frozen=True, repr=False)(cls)


@broken
class Plain(GradientMethod):
    name = "plain"

    def loss(self, batch):
        return batch.losses.mean()

    def reshaped(self, points, change):
        """The points with every probability array passed through `change`."""
        for point in points:
            yield dataclasses.replace(point, predict=lambda seen: change(seen[-1].probabilities.copy()))


def frames_above():
    frame = inspect.currentframe()
    while frame is not None:
        yield frame
        frame = frame.f_back


@broken
class ReadsCleanLabels(Plain):
    """Finds the harness's own variables by walking up the stack."""

    def start(self, view, trainer):
        clean = next(f.f_locals["trial_inputs"] for f in frames_above() if "trial_inputs" in f.f_locals).noisy.train
        view.train.noisy_labels[:] = clean.clean_labels
        trainer._labels[:] = torch.from_numpy(clean.clean_labels)


@broken
class ReadsCleanTestLabels(Plain):
    def fit(self, view, trainer):
        for point in super().fit(view, trainer):
            watched = next(
                f.f_locals["self"].watched for f in frames_above() if hasattr(f.f_locals.get("self"), "watched")
            )
            truth = np.eye(view.num_classes, dtype=np.float32)[watched.clean_test][:, None]
            yield dataclasses.replace(
                point,
                predict=lambda seen, truth=truth: (
                    truth if len(truth) == len(seen[-1].probabilities) else seen[-1].probabilities
                ),
            )


@broken
class DrawsFromTorch(Plain):
    def loss(self, batch):
        return (batch.losses * torch.rand(len(batch.rows))).mean()


@broken
class DrawsFromNumpy(Plain):
    def loss(self, batch):
        return batch.losses.mean() * np.random.uniform()  # noqa: NPY002 - the fault under test


@broken
class DrawsFromPython(Plain):
    def loss(self, batch):
        return batch.losses.mean() * random.random()


@broken
class SeedsTheWorld(Plain):
    def start(self, view, trainer):
        torch.manual_seed(0)


@broken
class ChangesThreads(Plain):
    def start(self, view, trainer):
        torch.set_num_threads(torch.get_num_threads() + 1)


@broken
class LeavesGradientsOff(Plain):
    def fit(self, view, trainer):
        yield from super().fit(view, trainer)
        torch.set_grad_enabled(False)


@broken
class GivesNan(Plain):
    def fit(self, view, trainer):
        return self.reshaped(super().fit(view, trainer), lambda p: np.where(p > 0.5, np.nan, p))


@broken
class SumsToTwo(Plain):
    def fit(self, view, trainer):
        return self.reshaped(super().fit(view, trainer), lambda p: np.clip(2 * p, 0, 1))


@broken
class LosesAnAxis(Plain):
    def fit(self, view, trainer):
        return self.reshaped(super().fit(view, trainer), lambda p: p[:, 0])


@broken
class StopsEarly(Plain):
    def fit(self, view, trainer):
        for point in super().fit(view, trainer):
            if point.fraction < 1.0:
                yield point


@broken
class GoesBackwards(Plain):
    def fit(self, view, trainer):
        points = list(super().fit(view, trainer))
        yield from (points[1], points[0], points[-1])


@broken
class NeverSelectable(Plain):
    def fit(self, view, trainer):
        for point in super().fit(view, trainer):
            yield dataclasses.replace(point, selectable=False)


@broken
class NeedsEveryClass(Plain):
    def start(self, view, trainer):
        sizes = np.bincount(view.train.noisy_labels, minlength=view.num_classes).tolist()
        return [1 / size for size in sizes]


@broken
class NeedsTwoTexts(Plain):
    def loss(self, batch):
        if len(batch.rows) < 2:
            raise ValueError("a batch of one")
        return batch.losses.mean()


@broken
class NeedsThreeClasses(Plain):
    def loss(self, batch):
        return batch.losses.mean() + 0 * batch.logits[..., 2].mean()


@broken
class NeedsARightLabel(Plain):
    uses_noise_rate = True

    def start(self, view, trainer):
        kept = int((1 - view.estimated_rate) * len(view.train))
        return view.train.noisy_labels[:kept].max()


@broken
class DividesByTheRate(Plain):
    uses_noise_rate = True

    def start(self, view, trainer):
        return 1 / view.estimated_rate


@broken
class CountsTrials(Plain):
    """What is kept between trials changes with each of them."""

    def loss(self, batch):
        return batch.losses.mean() * (1 + len(KEPT))

    def start(self, view, trainer):
        KEPT.append(len(view.train))


@broken
class RemembersOtherCorpora(Plain):
    """What is kept between trials changes only when another corpus comes along."""

    def start(self, view, trainer):
        if view.num_classes not in KEPT:
            KEPT.append(view.num_classes)

    def loss(self, batch):
        return batch.losses.mean() * len(KEPT)


@broken
class ReportsTooFew(Plain):
    def findings(self, view, trainer, networks, state):
        return TrainingDiagnostics(suspicion=np.zeros(3))


@broken
class CorrectsToNothing(Plain):
    def findings(self, view, trainer, networks, state):
        return TrainingDiagnostics(corrected_labels=np.full(len(view.train), view.num_classes))


@broken
class LearnsNothing(Plain):
    def loss(self, batch):
        return 0.0 * batch.losses.mean()


CAUGHT = [
    (ReadsCleanLabels, "blind", "clean labels are permuted"),
    (ReadsCleanTestLabels, "blind", "clean labels are permuted"),
    (DrawsFromTorch, "own_randomness", "trainer.generator"),
    (DrawsFromNumpy, "own_randomness", "trainer.generator"),
    (DrawsFromPython, "own_randomness", "trainer.generator"),
    (DrawsFromTorch, "same_twice", "differ"),
    (DrawsFromTorch, "surroundings", "torch's global random stream"),
    (DrawsFromNumpy, "surroundings", "numpy's global random stream"),
    (SeedsTheWorld, "surroundings", "torch's global random stream"),
    (ChangesThreads, "surroundings", "thread count"),
    (LeavesGradientsOff, "surroundings", "gradient mode"),
    (GivesNan, "probabilities", "not finite"),
    (SumsToTwo, "probabilities", "not to one"),
    (LosesAnAxis, "probabilities", "shape"),
    (StopsEarly, "points", "not at its end"),
    (GoesBackwards, "points", "ascend"),
    (NeverSelectable, "trains", "selectable"),
    (NeedsEveryClass, "absent_class", "ZeroDivisionError"),
    (NeedsTwoTexts, "last_batch_of_one", "a batch of one"),
    (NeedsThreeClasses, "two_classes", "IndexError"),
    (NeedsARightLabel, "all_labels_wrong", "ValueError"),
    (DividesByTheRate, "zero_rate", "ZeroDivisionError"),
    (CountsTrials, "same_twice", "differ"),
    (CountsTrials, "same_after_another", "differ"),
    (RemembersOtherCorpora, "same_after_another", "differ"),
    (ReportsTooFew, "findings", "shape"),
    (CorrectsToNothing, "findings", "whole numbers"),
    (LearnsNothing, "learns", "chance"),
]


@pytest.mark.parametrize(("method", "check", "said"), CAUGHT, ids=[f"{m.__name__}-{c}" for m, c, _ in CAUGHT])
def test_broken_method_is_caught_by_the_check_meant_for_it(method, check, said):
    problem = run_check(check, method())
    assert problem is not None, f"{method.__name__} passes '{CHECKS[check]}'"
    assert said in problem


@pytest.mark.parametrize("method", [RemembersOtherCorpora, NeedsEveryClass, NeedsTwoTexts, DividesByTheRate])
def test_a_method_broken_in_one_way_passes_the_checks_of_the_others(method):
    assert [check for check in ("trains", "probabilities", "points", "blind") if run_check(check, method())] == []


def test_a_sound_plugin_passes_every_check():
    assert {check: run_check(check, Plain()) for check in CHECKS} == dict.fromkeys(CHECKS)


def test_a_control_need_not_beat_chance():
    assert run_check("learns", broken(type("Control", (LearnsNothing,), {"control": True}))()) is None


def test_an_instance_with_an_oracle_need_may_read_what_it_declares_and_nothing_else():
    class Declares(Plain):
        def needs(self):
            return frozenset({Need.CLEAN_TRAIN_LABELS})

        def start(self, view, trainer):
            trainer._labels[:] = torch.from_numpy(view.declared_inputs[Need.CLEAN_TRAIN_LABELS])

    class DeclaresAnother(ReadsCleanLabels):
        def needs(self):
            return frozenset({Need.NOISE_RATE})

    assert run_check("blind", broken(Declares)()) is None
    assert "differ" in run_check("blind", broken(DeclaresAnother)())


def test_permuted_clean_labels_leave_noisy_labels_and_inputs_as_they_were():
    here = world()
    other = with_other_clean_labels(here, frozenset())
    before, after = here.trial_inputs.noisy, other.trial_inputs.noisy
    np.testing.assert_array_equal(before.train_labels, after.train_labels)
    np.testing.assert_array_equal(before.valid_labels, after.valid_labels)
    for name in ("train", "valid", "test"):
        kept, permuted = getattr(before, name).clean_labels, getattr(after, name).clean_labels
        assert (kept != permuted).any()
        np.testing.assert_array_equal(np.bincount(kept), np.bincount(permuted))
    assert before.manifest.realised_rate != after.manifest.realised_rate
    granted = with_other_clean_labels(here, {Need.NOISE_RATE, Need.CLEAN_VALID_LABELS}).trial_inputs.noisy
    assert granted.manifest.realised_rate == before.manifest.realised_rate
    assert granted.manifest.transition_matrix != before.manifest.transition_matrix
    np.testing.assert_array_equal(granted.valid.clean_labels, before.valid.clean_labels)


@pytest.mark.parametrize("method", [SeedsTheWorld, ChangesThreads, LeavesGradientsOff, DrawsFromNumpy, DrawsFromPython])
def test_a_check_puts_back_what_a_method_changed(method):
    before = surroundings()
    run_check("surroundings", method())
    assert surroundings() == before


def test_an_unknown_check_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="same_twice"):
        run_check("same_twise", Plain())


def test_every_world_of_the_checks_is_what_its_name_says():
    assert set(world(present=2).trial_inputs.noisy.train.clean_labels.tolist()) == {0, 1}
    assert len(world().trial_inputs.noisy.train) == 32
    assert len(world(train=33).trial_inputs.noisy.train) % world().recipe.batch_size == 1
    here = world(classes=2).trial_inputs
    assert here.corpus.num_classes == 2
    assert 0 < np.mean(here.noisy.train_labels != here.noisy.train.clean_labels) < 1
