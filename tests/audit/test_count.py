"""Counts of wrong labels and their intervals."""

import numpy as np
import pytest

from benchmark.audit import count as counting
from benchmark.audit.count import (
    FEWEST_A_CLASS,
    FEWEST_CHECKED,
    MARGIN,
    Count,
    calibrated,
    checked_count,
    count_by,
    estimated_count,
    is_chance,
    log_odds,
    logistic,
    rows_to_check,
)
from benchmark.audit.held_out import fit_held_out
from methods.shared.noise_rates import anchor_agreement, excess_loss_rate, joint_rate


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


def test_so_many_checked_rows_as_are_asked_for_are_enough():
    assert checked_count(np.arange(FEWEST_CHECKED) < 2).reliable


@pytest.fixture
def believed():
    """Held-out probabilities of three uneven classes, and labels of which a fifth is
    wrong.
    """
    draws = np.random.default_rng(0)
    true = draws.choice(3, p=[0.7, 0.2, 0.1], size=3 * FEWEST_A_CLASS)
    own = np.where(draws.random(len(true)) < 0.2, (true + 1) % 3, true)
    scores = 3.0 * np.eye(3)[true] + draws.normal(size=(len(true), 3))
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), own


def test_the_estimate_is_the_mean_of_two_answers_between_the_bounds_of_all(believed):
    plain, own = believed
    found = count_by(plain, own, len(own))
    level = plain / (np.bincount(own) / len(own))
    level /= level.sum(axis=1, keepdims=True)
    answers = [1 - anchor_agreement(plain, own), excess_loss_rate(plain, own), 1 - anchor_agreement(level, own)]
    answers.append(joint_rate(plain, own))
    assert np.std(answers) > 0.01
    assert found.share == pytest.approx(np.mean(answers[:2]))
    assert found.lowest == pytest.approx(max(min(answers) - MARGIN, 0))
    assert found.highest == pytest.approx(max(answers) + MARGIN)


def test_a_hundred_rows_a_class_are_not_few(believed):
    plain, own = believed
    assert not count_by(plain, own, 3 * FEWEST_A_CLASS).few_rows
    assert count_by(plain, own, 3 * FEWEST_A_CLASS - 1).few_rows


def test_an_estimate_by_some_of_many_rows_reads_their_own_labels(monkeypatch):
    draws = np.random.default_rng(0)
    true = draws.integers(3, size=600)
    features = (4 * np.eye(3, 8)[true] + draws.normal(size=(600, 8))).astype(np.float32)
    own = np.where(draws.random(600) < 0.2, (true + 1) % 3, true)
    models = fit_held_out(features, own, 3, [str(row) for row in range(600)], 0)
    monkeypatch.setattr(counting, "ROWS_OF_ESTIMATE", 200)
    assert estimated_count(models, features, own, 3).share == pytest.approx(0.2, abs=0.1)


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


def test_a_few_checked_rows_that_are_told_apart_wholly_leave_doubt():
    believed = np.concatenate([np.full(100, 0.9), np.full(100, 0.1)])
    found = calibrated(believed, Count(0.5, 0.4, 0.6, True), {row: row >= 100 for row in range(0, 200, 20)})
    assert 0.8 < found[150] < 0.99999


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
