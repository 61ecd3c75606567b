"""Which point a rule chooses, and that nothing of the test split has a say in it."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts import Outputs, Point
from benchmark.trial.evaluation import EvaluationSplits, Evaluator
from tests.support.points import TEST, VALID, FakeKit, point, predictions


def observe(*points, every_test=True, predicts_from="current_probabilities", noisy=VALID, clean_valid=VALID, test=TEST):
    watched = EvaluationSplits("valid", "test", noisy_valid=noisy, clean_valid=clean_valid, clean_test=test)
    evaluator = Evaluator(FakeKit(), watched, every_test=every_test, predicts_from=predicts_from)
    evaluator.follow(iter(points))
    return evaluator


def chosen(evaluator, rule="noisy_valid"):
    return evaluator.selections[rule].fraction


def test_highest_accuracy_on_noisy_validation_labels_is_chosen():
    assert chosen(observe(point(0.2, valid=1), point(0.4, valid=4), point(1.0, valid=3))) == 0.4


def test_tie_in_accuracy_goes_to_the_lower_likelihood_loss():
    points = point(0.2, valid=3, confidence=0.99), point(0.4, valid=3, confidence=0.7), point(1.0, valid=2)
    assert chosen(observe(*points)) == 0.4


def test_tie_in_both_goes_to_the_earlier_point():
    assert chosen(observe(point(0.2, valid=3), point(0.4, valid=3), point(1.0, valid=3))) == 0.2


def test_last_is_the_last_point_whatever_it_scored():
    evaluator = observe(point(0.5, valid=4, test=6), point(1.0, valid=0, test=1))
    assert chosen(evaluator, "last") == 1.0
    assert evaluator.selections["last"].metrics["test_accuracy"] == pytest.approx(1 / 6)


def test_a_selection_holds_which_class_each_test_text_was_given():
    selection = observe(point(1.0, test=4)).selections["last"]
    counts = np.array(selection.confusion)
    assert counts.sum(axis=1).tolist() == np.bincount(TEST, minlength=len(counts)).tolist()
    assert np.trace(counts) == 4


def test_clean_validation_labels_choose_for_their_own_rule_alone():
    points = point(0.5, valid=4), point(1.0, valid=1)
    other = observe(*points, clean_valid=1 - VALID)
    assert chosen(other, "clean_valid") == 1.0
    assert chosen(other, "noisy_valid") == chosen(observe(*points)) == 0.5


def test_a_stage_that_is_not_selectable_is_seen_and_never_chosen():
    first = [point(f, valid=4, test=6, selectable=False) for f in (0.5, 1.0)]
    evaluator = observe(*first, point(1.0, valid=1, stage=2), predicts_from="trajectory")
    assert {rule: s.stage for rule, s in evaluator.selections.items()} == dict.fromkeys(evaluator.selections, 2)
    assert [p.stage for p in evaluator.curve] == [2]


def test_nothing_selectable_means_no_selection():
    evaluator = observe(point(0.5, selectable=False), point(1.0, selectable=False))
    assert evaluator.selections == {}
    assert evaluator.last_point is None


def test_second_stage_predicts_from_all_that_was_seen_of_its_split():
    told = []

    def predict(seen):
        told.append([len(outputs.probabilities) for outputs in seen])
        return seen[0].probabilities

    first = [point(f, valid=v, test=t, selectable=False) for f, v, t in ((0.5, 4, 6), (1.0, 0, 0))]
    evaluator = observe(*first, Point(fraction=1.0, predict=predict, stage=2), predicts_from="trajectory")
    assert told == [[4, 4], [6, 6]]
    assert evaluator.selections["last"].metrics["test_accuracy"] == 1.0
    assert evaluator.trainer.shown == ["valid", "test"] * 2


@pytest.mark.parametrize("every_test", [True, False])
def test_permuted_test_labels_leave_every_choice_but_the_oracles(every_test):
    draws = np.random.default_rng(0)
    points = [
        point(fraction, *draws.integers(0, 5, 1), draws.uniform(0.5, 1), draws.integers(0, 7))
        for fraction in np.arange(1, 11) / 10
    ]
    labels = draws.integers(0, 2, (20, len(TEST)))
    observers = [observe(*points, every_test=every_test, test=test) for test in labels]
    for rule in ("noisy_valid", "clean_valid", "last"):
        assert len({chosen(evaluator, rule) for evaluator in observers}) == 1
    if every_test:
        assert len({chosen(evaluator, "best_test") for evaluator in observers}) > 1


def test_test_predictions_leave_the_choice_by_noisy_validation_labels():
    fractions = np.arange(1, 6) / 5
    valid = (1, 3, 2, 3, 0)
    for scores in np.random.default_rng(0).integers(0, 7, (10, 5)):
        points = [point(f, valid=v, test=t) for f, v, t in zip(fractions, valid, scores, strict=True)]
        assert chosen(observe(*points)) == 0.4


def test_best_test_is_absent_unless_every_point_was_tested():
    points = point(0.5, valid=4), point(0.75, valid=1), point(1.0, valid=1)
    assert "best_test" in observe(*points, every_test=True).selections
    evaluator = observe(*points, every_test=False)
    assert set(evaluator.selections) == {"last", "noisy_valid", "clean_valid"}
    assert [p.test_accuracy is None for p in evaluator.curve] == [False, True, False]


def test_test_texts_are_observed_where_a_point_becomes_the_best_and_at_the_end():
    points = point(0.25, valid=2), point(0.5, valid=1), point(0.75, valid=3), point(1.0, valid=0)
    evaluator = observe(*points, every_test=False)
    assert evaluator.trainer.shown == ["valid", "test", "valid", "valid", "test", "valid", "test"]


def test_metrics_at_the_chosen_point_are_the_same_whether_all_points_are_tested():
    points = [point(f, valid=v, test=t) for f, v, t in ((0.25, 2, 1), (0.5, 4, 5), (0.75, 3, 6), (1.0, 1, 2))]
    some, every = observe(*points, every_test=False), observe(*points, every_test=True)
    for rule in some.selections:
        assert some.selections[rule] == every.selections[rule]


def test_what_was_seen_at_the_best_point_stays_when_training_goes_on():
    weights = predictions(TEST, 6, 0.9)

    def training():
        yield replace(point(0.5, valid=4), observe=shown)
        weights[:] = predictions(TEST, 0, 0.9)
        yield replace(point(1.0, valid=1), observe=shown)

    def shown(split):
        return Outputs(weights if split == "test" else predictions(VALID, 4 if weights[0, 0, 0] > 0.5 else 1, 0.8))

    evaluator = observe(*[])
    evaluator.follow(training())
    assert evaluator.selections["noisy_valid"].metrics["test_accuracy"] == 1.0
    assert evaluator.selections["noisy_valid"].correctness(len(TEST)).all()
    assert evaluator.selections["last"].metrics["test_accuracy"] == 0.0


def test_correctness_bits_are_those_of_the_chosen_point():
    evaluator = observe(point(0.5, valid=4, test=2), point(1.0, valid=1, test=5))
    assert evaluator.selections["noisy_valid"].correctness(6).tolist() == [True] * 2 + [False] * 4
    assert evaluator.selections["last"].correctness(6).tolist() == [True] * 5 + [False]


def test_accuracy_of_noisy_and_clean_validation_go_with_every_selection():
    noisy = np.array([0, 1, 0, 0])
    metrics = observe(point(1.0, valid=4), noisy=noisy).selections["last"].metrics
    assert metrics["noisy_valid_accuracy"] == 0.75
    assert metrics["clean_valid_accuracy"] == 1.0


def test_a_training_that_stops_early_is_an_error():
    with pytest.raises(ValueError, match=r"0\.5 of its stage"):
        observe(point(0.5))


def test_earlier_outputs_are_forgotten_unless_the_method_reads_trajectories():
    def count(seen):
        counted.append(len(seen))
        return seen[-1].probabilities

    for predicts_from, expected in (("current_probabilities", [1, 1, 1, 1]), ("trajectory", [1, 1, 2, 2])):
        counted = []
        observe(point(0.5, predict=count), point(1.0, predict=count), predicts_from=predicts_from)
        assert counted == expected


@pytest.mark.parametrize("factor", [3.0, np.nan], ids=["too large", "not a number"])
def test_impossible_probabilities_end_the_trial_instead_of_being_scored(factor):
    wrong = Point(fraction=1.0, observe=lambda split: Outputs(factor * predictions(VALID, 2, 0.8)))
    with pytest.raises(ValueError, match="at 1 of stage 1, on valid texts"):
        observe(wrong)


def test_a_stage_that_cannot_be_selected_is_looked_at_as_far_as_it_is_read():
    first = [point(fraction, selectable=False) for fraction in (0.5, 1.0)]
    looks = {
        predicts_from: observe(*first, point(1.0, stage=2), predicts_from=predicts_from).trainer.shown
        for predicts_from in ("current_probabilities", "final_embeddings", "trajectory")
    }
    assert {predicts_from: len(shown) - 2 for predicts_from, shown in looks.items()} == {
        "current_probabilities": 0,
        "final_embeddings": 2,
        "trajectory": 4,
    }
