"""Every registered method keeps the contract, and each way of breaking it is caught by
the check that is meant to.
"""

import numpy as np
import pytest
import torch

from benchmark.conformance import CHECKS, run_check, run_checks
from benchmark.conformance.subject import Subject
from benchmark.conformance.surroundings import surroundings
from benchmark.conformance.worlds import with_other_clean_labels, world
from benchmark.contracts import Need, UnknownNameError, UsesNoiseRate, methods
from tests.support.broken_methods import (
    KEPT,
    ChangesThreads,
    CorrectsToNothing,
    CountsTrials,
    DividesByTheRate,
    DrawsFromNumpy,
    DrawsFromPython,
    DrawsFromTorch,
    GivesNan,
    GoesBackwards,
    LearnsNothing,
    LeavesGradientsOff,
    LosesAnAxis,
    NeedsARightLabel,
    NeedsEveryClass,
    NeedsThreeClasses,
    NeedsTwoTexts,
    NeverSelectable,
    Plain,
    ReadsCleanLabels,
    ReadsCleanTestLabels,
    RemembersOtherCorpora,
    ReportsTooFew,
    SeedsTheWorld,
    StopsEarly,
    SumsToTwo,
    broken,
)
from tests.support.checked import problems_of

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
SHORTER = {"sidyp": "reverse_steps=2,rounds=1"}
"""Settings by which the oracle variant of a slow method trains three times as fast."""
WITH_ORACLES = [
    f"{name}[{','.join(filter(None, ['rate=oracle', SHORTER.get(name)]))}]"
    for name in REGISTERED
    if issubclass(methods[name], UsesNoiseRate)
]
VARIANTS = ["gce[truncation=0.5]", "ensemble_ce[members=3]", "linear_probe[inverse_penalty=1]"]


@pytest.fixture(autouse=True)
def _empty_memory():
    KEPT.clear()


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", REGISTERED + WITH_ORACLES + VARIANTS)
def test_registered_method_keeps_the_contract(name, check):
    problem = problems_of(name)[check]
    assert problem is None, f"{CHECKS[check]}: {problem}"


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


@pytest.mark.parametrize(
    ("method", "failing"),
    [
        (CountsTrials, {"same_twice", "same_after_another", "own_randomness", "blind"}),
        (RemembersOtherCorpora, {"same_after_another"}),
        (DrawsFromNumpy, {"same_twice", "same_after_another", "own_randomness", "surroundings", "blind"}),
        (SeedsTheWorld, {"surroundings"}),
        (ReadsCleanLabels, {"blind"}),
    ],
)
def test_checks_that_share_a_first_trial_fail_as_each_does_alone(method, failing):
    together = {verdict.check for verdict in run_checks(method()) if verdict.problem}
    KEPT.clear()
    alone = set()
    for check in CHECKS:
        KEPT.clear()
        alone |= {check} if run_check(check, method()) else set()
    assert together == alone == failing


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_a_method_that_reads_a_global_stream_is_caught_whatever_its_seed_was(seed):
    np.random.seed(seed)  # noqa: NPY002 - the stream that the method reads
    assert run_check("same_twice", DrawsFromNumpy()) is not None


def test_the_first_trial_is_run_once_and_what_it_raised_is_raised_again():
    ran = []

    class Fails(Plain):
        def fit(self, view, trainer):
            ran.append(1)
            raise ArithmeticError("once")
            yield

    subject = Subject(broken(Fails)())
    for _ in range(2):
        with pytest.raises(ArithmeticError, match="once"):
            subject.first()
    assert ran == [1]


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
