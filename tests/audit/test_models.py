"""What the rule reads: held-out models, trainings and neighbours."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.audit import progress
from benchmark.audit.audit import _predicted
from benchmark.audit.detectors import Neighbours, detector_named, detectors
from benchmark.audit.held_out import fit_held_out, softmax
from benchmark.audit.neighbours import find_neighbours, neighbour_shares, that_disagree
from benchmark.audit.rule import Models, fit_models
from benchmark.audit.scores import _levels_and_early, detector_scores

ROWS, CLASSES, SIZE = 200, 3, 8


@pytest.fixture(scope="module")
def data():
    draws = np.random.default_rng(0)
    labels = draws.integers(CLASSES, size=ROWS)
    features = (2 * np.eye(CLASSES, SIZE)[labels] + draws.normal(size=(ROWS, SIZE))).astype(np.float32)
    return features, labels


def test_held_out_models_are_those_of_ridge_regression_on_the_other_rows(data):
    features, labels = data
    found = fit_held_out(features, labels, CLASSES, [str(row) for row in range(ROWS)], 0)
    rest = found.fold_of[0] != 0
    standard = ((features - features.mean(0)) / features.std(0))[rest].astype(np.float64)
    targets = np.eye(CLASSES)[labels[rest]]
    cross = standard.T @ targets / rest.sum() - np.outer(standard.mean(0), targets.mean(0))
    slope = np.linalg.solve(standard.T @ standard / rest.sum() + np.eye(SIZE), cross)
    np.testing.assert_allclose(found.weights[0][0], np.vstack([slope, targets.mean(0)]), atol=1e-4)


def test_a_text_outside_the_table_is_judged_by_the_mean_of_all_models(data):
    features, labels = data
    found = fit_held_out(features, labels, CLASSES, [str(row) for row in range(ROWS)], 0)
    standard = (features[:9] - found.mean) / found.deviation
    every = [standard @ model[:-1] + model[-1] for models in found.weights for model in models]
    np.testing.assert_allclose(found.unseen(features[:9]), softmax(found.sharpness * np.mean(every, axis=0)), atol=1e-5)


def test_rows_without_a_label_are_proposed_what_both_models_hold_likeliest(data):
    """One is a little for the first class, the other strongly for the second."""
    features, _ = data
    training = SimpleNamespace(mean_probabilities=lambda rows: np.tile([0.5, 0.4, 0.1], (len(rows), 1)))
    held_out = SimpleNamespace(unseen=lambda rows: np.tile([0.1, 0.8, 0.1], (len(rows), 1)))
    models = Models({"generalized": training}, held_out)
    assert _predicted(models, features, np.arange(3)).tolist() == [1, 1, 1]
    models = Models({"generalized": training}, SimpleNamespace(unseen=lambda rows: np.full((len(rows), 3), 1 / 3)))
    assert _predicted(models, features, np.arange(3)).tolist() == [0, 0, 0]


def test_the_mean_probabilities_of_a_training_sum_to_one(data):
    features, labels = data
    models = fit_models(("generalized",), features, labels, CLASSES, [str(row) for row in range(ROWS)])
    found = models.trainings["generalized"].mean_probabilities(features[:9])
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)


def test_equal_texts_are_held_out_together(data):
    features, labels = data
    found = fit_held_out(features, labels, CLASSES, [str(row // 2) for row in range(ROWS)], 0)
    assert (found.fold_of[:, ::2] == found.fold_of[:, 1::2]).all()


def test_the_label_of_a_row_does_not_move_its_held_out_scores(data):
    features, labels = data
    names = [str(row) for row in range(ROWS)]
    turned = labels.copy()
    turned[5] = (turned[5] + 1) % CLASSES
    one, other = (fit_held_out(features, given, CLASSES, names, 0) for given in (labels, turned))
    row = slice(5, 6)
    np.testing.assert_allclose(one.scores(features[row], row), other.scores(features[row], row), atol=1e-6)


def test_neighbours_are_the_nearest_by_cosine_and_never_the_row_itself(data, monkeypatch):
    features, _ = data
    monkeypatch.setattr(progress, "VALUES_AT_ONCE", 30 * ROWS)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances = 1 - unit @ unit.T
    np.fill_diagonal(distances, np.inf)
    found = find_neighbours(features, 4)
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, :4], atol=1e-5)
    assert (found.rows != np.arange(ROWS)[:, None]).all()


def test_the_nearest_that_disagree_are_the_nearest_with_another_label(data):
    features, labels = data
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    alike = np.where(labels[:, None] == labels, -np.inf, unit @ unit.T)
    asked = np.array([3, 50, 199])
    np.testing.assert_array_equal(that_disagree(features, labels, asked)[:, 0], alike[asked].argmax(axis=1))


def test_rows_without_enough_others_that_disagree_are_filled_with_minus_one():
    features = np.eye(3, dtype=np.float32)
    found = that_disagree(features, np.array([0, 0, 1]), np.array([0, 2]))
    assert found.tolist() == [[2, -1, -1], [0, 1, -1]] or found.tolist() == [[2, -1, -1], [1, 0, -1]]


def test_shares_of_neighbours_are_two_votes_nearer_to_those_of_the_classes():
    near = Neighbours(np.array([[1, 2], [0, 2], [0, 1]]), np.array([[0.0, 0.5], [0.0, 0.0], [0.0, 0.0]]))
    found = neighbour_shares(near, np.array([0, 0, 1]), slice(0, 1), np.array([0.75, 0.25]))
    # The votes weigh 1 and 0.5, which is scaled to the two that they are.
    np.testing.assert_allclose(found, [[(4 / 3 + 1.5) / 4, (2 / 3 + 0.5) / 4]])


def test_the_early_point_is_the_one_that_agrees_best_with_held_out_predictions():
    labels, predicted = np.array([0, 0, 1, 1]), np.array([1, 0, 1, 1])
    held_out = SimpleNamespace(probabilities=lambda features, rows: np.eye(2)[predicted[rows]])
    points = np.stack([np.eye(2)[labels], np.eye(2)[predicted], np.eye(2)[1 - predicted]]).astype(np.float32)
    training = SimpleNamespace(networks=(None,) * 3, logits=lambda features: points[:, : len(features)])
    models = Models({"cross_entropy": training}, held_out)
    _, early = _levels_and_early([detector_named("loss_early")], models, np.zeros((4, 2)), labels, 2)
    assert early == 1


def test_scores_do_not_depend_on_the_size_of_chunks(data, monkeypatch):
    features, labels = data
    names = [str(row) for row in range(ROWS)]
    models = fit_models(("cross_entropy", "held_out"), features, labels, CLASSES, names)
    whole = detector_scores(list(detectors), models, features, labels, CLASSES)
    monkeypatch.setattr(progress, "VALUES_AT_ONCE", 1_000)
    parts = detector_scores(list(detectors), models, features, labels, CLASSES)
    for name in detectors:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-4, atol=1e-5, err_msg=name)
