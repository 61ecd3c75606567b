"""Confident learning's pruning against the reference; see golden/PROVENANCE.md."""

import numpy as np
import pytest

from methods.shared.transition.confident_joint import confident_joint
from methods.shared.transition.pruning import counts_to_prune, prune_by_noise_rate


@pytest.mark.golden("confident_learning")
@pytest.mark.parametrize(("keep", "key"), [(1, "prune_by_noise_rate"), (5, "min5")])
def test_pruned_examples_are_those_of_the_reference(case, keep, key):
    found = prune_by_noise_rate(case["pred_probs"], case["labels"], case["out_calibrated"], keep)
    np.testing.assert_array_equal(found, case[f"out_issues_{key}"].astype(bool))


@pytest.mark.golden("confident_learning")
def test_pruned_examples_are_those_of_the_reference_from_our_own_joint(case):
    own = confident_joint(case["pred_probs"], case["labels"]).calibrated
    found = prune_by_noise_rate(case["pred_probs"], case["labels"], own, 1)
    theirs = case["out_issues_prune_by_noise_rate"].astype(bool)
    # Rows whose remainders tie may be rounded otherwise, which moves one count from a pair to another.
    assert (found != theirs).sum() <= np.abs(own - case["out_calibrated"]).sum()


def test_a_small_class_is_left_whole_and_a_diagonal_is_raised():
    np.testing.assert_array_equal(counts_to_prune(np.array([[2, 8], [0, 9]]), 5), [[5, 5], [0, 9]])
    labels = np.repeat([0, 1], [5, 20])
    backwards = np.eye(2)[1 - labels]
    counts = np.array([[1, 4], [18, 2]])
    pruned = prune_by_noise_rate(backwards, labels, counts, 5)
    assert not pruned[labels == 0].any()
    assert pruned[labels == 1].sum() == 15


def test_the_pair_decides_which_examples_go():
    labels = np.zeros(4, dtype=np.int64)
    probabilities = np.array([[0.1, 0.8, 0.1], [0.3, 0.6, 0.1], [0.2, 0.1, 0.7], [0.9, 0.05, 0.05]])
    counts = np.array([[2, 1, 1], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(prune_by_noise_rate(probabilities, labels, counts, 1), [True, False, True, False])
