"""A trial that was run again, beside what its record says."""

import pytest

from benchmark.records.schema import CurvePoint
from benchmark.submission.agreement import Rerun, compared, shifted_methods


@pytest.fixture
def record(factory):
    curve = [
        CurvePoint(stage=1, fraction=0.5, noisy_valid_accuracy=0.600, test_accuracy=0.700),
        CurvePoint(stage=1, fraction=1.0, noisy_valid_accuracy=0.590, test_accuracy=0.640),
    ]
    made = factory.record(accuracy=0.64)
    last = made.selections["last"].model_copy(update={"stage": 1, "fraction": 1.0})
    early = last.model_copy(
        update={"fraction": 0.5, "metrics": {"test_accuracy": 0.700, "noisy_valid_accuracy": 0.600}}
    )
    return made.model_copy(update={"selections": {"last": last, "noisy_valid": early}, "curve": curve})


def with_metric(record, rule, name, value, **place):
    selection = record.selections[rule]
    changed = selection.model_copy(update={"metrics": selection.metrics | {name: value}, **place})
    return record.model_copy(update={"selections": record.selections | {rule: changed}})


def test_a_trial_agrees_with_itself(record):
    found = compared(record, record, 0.0)
    assert found.problems == ()
    assert found.shifts == (0.0, 0.0)


@pytest.mark.parametrize(("given", "agrees"), [(0.655, True), (0.665, False), (0.615, False)])
def test_an_accuracy_may_differ_by_the_tolerance_and_no_more(record, given, agrees):
    found = compared(with_metric(record, "last", "test_accuracy", given), record, 2.0)
    assert (found.problems == ()) is agrees
    assert found.shifts[0] == pytest.approx(100 * given - 64)


def test_macro_f1_counts_as_accuracy_does(record):
    (problem,) = compared(with_metric(record, "last", "test_macro_f1", 0.9), record, 2.0).problems
    assert "test_macro_f1 is 90.00" in problem


def test_another_point_is_looked_at_where_it_is_nearly_best_by_noisy_validation_labels(record):
    late = with_metric(record, "noisy_valid", "test_accuracy", 0.640, fraction=1.0)
    assert compared(late, record, 2.0).problems == ()


def test_another_point_that_noisy_validation_labels_do_not_choose_is_a_difference(record):
    late = with_metric(record, "noisy_valid", "test_accuracy", 0.640, fraction=1.0)
    (problem,) = compared(late, record, 0.5).problems
    assert problem.startswith("noisy_valid: the record chose 1 of stage 1")


def test_a_wrong_accuracy_at_a_nearly_best_point_is_a_difference(record):
    late = with_metric(record, "noisy_valid", "test_accuracy", 0.700, fraction=1.0)
    (problem,) = compared(late, record, 2.0).problems
    assert "64.00 here" in problem


def test_a_point_that_the_training_does_not_reach_is_a_difference(record):
    (problem,) = compared(with_metric(record, "last", "test_accuracy", 0.64, fraction=0.75), record, 2.0).problems
    assert "does not reach" in problem


def test_a_failed_trial_that_ends_here_is_a_difference(factory, record):
    (problem,) = compared(factory.record(status="failed"), record, 100.0).problems
    assert "'failed'" in problem


@pytest.mark.parametrize("noise", ["symmetric(0.4)", "pmd(0.4)"])
def test_noisy_labels_must_be_equal_but_where_a_network_has_drawn_them(factory, noise):
    record = factory.record(noise=noise)
    manifest = record.manifest.model_copy(update={"fingerprint": "0123456789abcdef"})
    found = compared(record.model_copy(update={"manifest": manifest}), record, 2.0)
    assert len(found.problems) == (1 if noise.startswith("symmetric") else 0)


def test_other_texts_are_a_difference(record):
    manifest = record.manifest.model_copy(update={"corpus_fingerprint": "0123456789abcdef"})
    (problem,) = compared(record.model_copy(update={"manifest": manifest}), record, 2.0).problems
    assert "its texts are" in problem


def test_a_selection_that_one_of_both_lacks_is_a_difference(record):
    bare = record.model_copy(update={"selections": {"last": record.selections["last"]}})
    assert compared(bare, record, 2.0).problems == ("noisy_valid: one of both selected nothing",)


def test_shifts_in_one_direction_are_seen_where_each_alone_is_within_the_tolerance():
    raised = [Rerun(str(n), "mine", (), (1.2, 1.2)) for n in range(4)]
    even = [Rerun(str(n), "theirs", (), (1.2 * (-1) ** n,)) for n in range(4)]
    assert shifted_methods([*raised, *even], 2.0) == {"mine": pytest.approx(1.2)}
    assert shifted_methods(raised[:1], 2.0) == {}
