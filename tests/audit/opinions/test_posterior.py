"""Probabilities of true classes from beliefs and given labels."""

import numpy as np

from benchmark.audit.opinions.posterior import MOST_KEPT, against_shares, confusion, with_confusion


def beliefs(probabilities):
    return lambda rows: np.log(np.asarray(probabilities)[rows])


def test_without_exponent_the_probabilities_stay_as_they_are():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), size=30)
    labels = np.arange(30) % 5
    found = against_shares(beliefs(probabilities), labels, 5, 0.0)
    again = np.empty_like(probabilities)
    np.put_along_axis(again, found.classes, found.probabilities, axis=1)
    np.testing.assert_allclose(again, probabilities)


def test_the_given_class_comes_first_and_no_class_twice():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(50), size=30)
    labels = np.random.default_rng(1).integers(50, size=30)
    found = against_shares(beliefs(probabilities), labels, 50, 0.5)
    np.testing.assert_array_equal(found.classes[:, 0], labels)
    assert found.classes.shape == (30, MOST_KEPT)
    assert all(len(set(row)) == MOST_KEPT for row in found.classes.tolist())


def test_a_label_that_is_given_too_often_is_believed_less():
    labels = np.array([0] * 90 + [1] * 10)
    found = against_shares(beliefs(np.full((100, 2), 0.5)), labels, 2, 1.0)
    assert (found.of_given[:90] < found.of_given[90:].max()).all()


def test_a_systematic_confusion_is_found():
    true = np.arange(300) % 3
    labels = np.where((true == 2) & (np.arange(300) % 2 == 0), 0, true)
    probabilities = np.where(np.eye(3, dtype=bool)[true], 0.6, 0.2)
    believed = against_shares(beliefs(probabilities), labels, 3, 0.0)
    found = with_confusion(believed, labels, 3, 5)
    wrong = labels != true
    assert found.of_given[wrong].max() < found.of_given[~wrong].min()


def test_the_confusion_counts_every_row_once():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), size=40)
    labels = np.arange(40) % 4
    found = with_confusion(against_shares(beliefs(probabilities), labels, 4, 0.5), labels, 4, 2)
    np.testing.assert_allclose(confusion(found, labels, 4).sum(axis=1), np.bincount(labels))
