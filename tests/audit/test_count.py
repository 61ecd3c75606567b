"""Counts of wrong labels and their intervals."""

import numpy as np
import pytest

from benchmark.audit.count import Count, calibrated, checked_count, is_chance, log_odds, logistic, rows_to_check


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.9])
def test_the_interval_of_checked_rows_holds_the_truth_in_nineteen_of_twenty_draws(share):
    draws = np.random.default_rng(0).random((400, 50)) < share
    found = [checked_count(wrong) for wrong in draws]
    assert np.mean([count.lowest <= share <= count.highest for count in found]) >= 0.95


def test_no_wrong_row_among_fifty_leaves_room_for_seven_per_cent():
    found = checked_count(np.zeros(50, dtype=bool))
    assert found.lowest == 0.0
    assert found.highest == pytest.approx(0.0711, abs=1e-3)


def test_few_checked_rows_make_no_reliable_count():
    assert not checked_count(np.array([True, False, False])).reliable


@pytest.mark.parametrize("rare", [0.03, 0.5])
def test_labels_that_probabilities_do_not_tell_are_at_chance_however_unequal_the_classes(rare):
    draws = np.random.default_rng(0)
    labels = (draws.random(1000) < rare).astype(np.int64)
    other, seen = draws.random(1000), np.clip(0.3 * labels + 0.7 * draws.random(1000), 0, 1)
    assert is_chance(np.column_stack([1 - other, other]), labels)
    assert not is_chance(np.column_stack([1 - seen, seen]), labels)


def test_calibration_keeps_the_order_and_has_the_expected_mean():
    believed = np.random.default_rng(0).random(200)
    found = calibrated(believed, Count(0.3, 0.2, 0.4, True))
    assert found.mean() == pytest.approx(0.3, abs=1e-6)
    assert (np.argsort(found) == np.argsort(-believed)).all()


def test_checked_rows_that_the_rule_tells_apart_make_it_bolder():
    believed = np.concatenate([np.full(100, 0.9), np.full(100, 0.1)])
    right = {row: row >= 100 for row in range(0, 200, 4)}
    bolder = calibrated(believed, Count(0.5, 0.4, 0.6, True), right)
    assert bolder[150] > calibrated(believed, Count(0.5, 0.4, 0.6, True))[150]


def test_the_logistic_undoes_the_log_odds():
    believed = np.array([0.01, 0.5, 0.99])
    np.testing.assert_allclose(1 - logistic(log_odds(believed)), believed)


def test_rows_to_check_are_labelled_and_the_same_each_time():
    labels = np.where(np.arange(300) % 3 == 0, -1, 0)
    texts = tuple(f"text {row}" for row in range(300))
    found = rows_to_check(texts, labels)
    assert len(found) == 50
    assert (labels[found] >= 0).all()
    np.testing.assert_array_equal(found, rows_to_check(texts, labels))
