"""Transition matrices against numbers that their authors' own code computed; see
../golden/PROVENANCE.md.
"""

import numpy as np
import pytest

from methods.shared.calibration import recalibrated, softmax
from methods.shared.transition.confident_joint import confident_joint
from methods.shared.transition.matrices import (
    OUTLIERS_FROM,
    anchor_matrix,
    defined_anchor_matrix,
    dual_matrix,
    implied_noise_rate,
    joint_matrix,
    label_given_prediction,
    stochastic,
)

CLOSE = {"rtol": 1e-6, "atol": 1e-9}


@pytest.mark.golden("anchor_T")
def test_anchor_matrix_without_a_filter_is_the_authors(case):
    np.testing.assert_allclose(anchor_matrix(case["posterior"], outliers_from=None), case["out_T_plain"], **CLOSE)


def filtered_in_place(posterior):
    """The anchors' rows, and the posterior, where each class's filter writes zeros that
    later classes read, (C, C).
    """
    after, rows = posterior.astype(np.float64), []
    for k in range(after.shape[1]):
        after[after[:, k] >= np.quantile(after[:, k], OUTLIERS_FROM, method="higher"), k] = 0.0
        rows.append(after[after[:, k].argmax()].copy())
    return np.stack(rows), after


@pytest.mark.golden("anchor_T")
def test_anchor_matrix_is_the_authors_but_where_their_filter_destroys_a_row_that_is_read_later(case):
    given = case["posterior"].copy()
    found, theirs = anchor_matrix(given), case["out_T_filter"]
    np.testing.assert_array_equal(given, case["posterior"])
    in_place, after = filtered_in_place(given)
    np.testing.assert_allclose(in_place, theirs, **CLOSE)
    np.testing.assert_allclose(after, case["out_posterior_after"], **CLOSE)
    whole = np.isclose(theirs.sum(axis=1), given.sum(axis=1).mean())
    np.testing.assert_allclose(found[whole], theirs[whole], **CLOSE)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


@pytest.mark.golden("anchor_T")
def test_defined_anchors_are_the_authors_but_where_theirs_is_predicted_as_another_class(case):
    found, theirs = defined_anchor_matrix(case["posterior"]), anchor_matrix(case["posterior"])
    own = np.arange(int(case["C"]))
    defined = theirs.argmax(axis=1) == own
    np.testing.assert_allclose(found[defined], theirs[defined], **CLOSE)
    assert (found.argmax(axis=1) == own).all()
    # A class rarer than the filtered share has lost its anchors; one that nobody is predicted as never had any.
    for k in np.flatnonzero(~defined):
        unfiltered = case["out_T_plain"][k]
        kept = unfiltered if unfiltered.argmax() == k else np.eye(len(own))[k]
        np.testing.assert_allclose(found[k], kept, **CLOSE)


@pytest.mark.golden("dualt_estimator")
def test_dual_matrix_is_the_authors_but_where_their_filter_bites_or_a_class_has_no_anchor(case):
    posterior = softmax(case["logits"])
    labels = case["noisy_labels"]
    spade = label_given_prediction(posterior.argmax(axis=1), labels, int(case["C"]))
    np.testing.assert_allclose(spade, case["out_spade"], **CLOSE)
    club, dual = anchor_matrix(posterior), dual_matrix(posterior, labels)
    in_place, _ = filtered_in_place(posterior)
    np.testing.assert_allclose(in_place, case["out_club"], **CLOSE)
    np.testing.assert_allclose(in_place @ spade, case["out_dual"], **CLOSE)
    whole = np.isclose(in_place.sum(axis=1), 1.0)
    np.testing.assert_allclose(club[whole], case["out_club"][whole], **CLOSE)
    defined = whole & (club.argmax(axis=1) == np.arange(len(club)))
    np.testing.assert_allclose(dual[defined], case["out_dual"][defined], **CLOSE)


@pytest.mark.golden("dualt_estimator")
def test_dual_matrix_goes_from_true_over_predicted_to_noisy_label_not_the_other_way_as_one_port_does(case):
    np.testing.assert_allclose(case["out_dual_npc"], case["out_spade"] @ case["out_club"], rtol=1e-4, atol=1e-6)
    posterior, labels = softmax(case["logits"]), case["noisy_labels"]
    spade = label_given_prediction(posterior.argmax(axis=1), labels, int(case["C"]))
    np.testing.assert_allclose(dual_matrix(posterior, labels), defined_anchor_matrix(posterior) @ spade, **CLOSE)


@pytest.mark.golden("confident_learning")
def test_joint_matrix_is_the_reference_noise_matrix(case):
    labels = case["labels"]
    np.testing.assert_allclose(joint_matrix(case["out_calibrated"]), case["out_noise_matrix"].T, **CLOSE)
    found = confident_joint(case["pred_probs"], labels)
    rate = implied_noise_rate(stochastic(joint_matrix(found.calibrated)), labels)
    assert rate == pytest.approx(found.noise_rate, abs=1e-6)


def test_a_class_without_mass_keeps_its_label():
    found = stochastic(joint_matrix(np.array([[8, 0, 0], [2, 5, 0], [0, 0, 0]])))
    np.testing.assert_allclose(found, [[0.8, 0.2, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    never_predicted = label_given_prediction(np.array([0, 0]), np.array([0, 1]), 3)
    np.testing.assert_allclose(never_predicted, [[0.5, 0.5, 0.0], [0.0] * 3, [0.0] * 3])


def test_known_noise_is_found_again_and_by_the_dual_estimator_from_overconfident_posteriors_too():
    generator = np.random.default_rng(0)
    truth = np.array([[0.8, 0.2, 0.0], [0.1, 0.7, 0.2], [0.0, 0.1, 0.9]])
    clean = np.arange(6_000) % 3
    noisy = (generator.random(6_000)[:, None] > truth[clean].cumsum(axis=1)).sum(axis=1)
    beliefs = np.clip(0.94 * np.eye(3)[clean] + 0.02 + 0.02 * generator.random((6_000, 3)), 0, None)
    posterior = beliefs / beliefs.sum(axis=1, keepdims=True) @ truth
    np.testing.assert_allclose(anchor_matrix(posterior), truth, atol=0.05)
    overconfident = np.eye(3)[clean] * 0.99 + 0.01 * beliefs
    np.testing.assert_allclose(stochastic(dual_matrix(overconfident, noisy)), truth, atol=0.05)
    assert np.abs(stochastic(anchor_matrix(overconfident)) - truth).max() > 0.25
    assert implied_noise_rate(truth, noisy) == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("labels", [np.array([0]), np.array([1, 1, 1])])
def test_the_implied_rate_lies_in_the_unit_interval_whatever_the_matrix(labels):
    for matrix in (np.eye(2), np.full((2, 2), 0.5), np.array([[0.0, 1.0], [1.0, 0.0]])):
        assert 0.0 <= implied_noise_rate(matrix, labels) <= 1.0


def test_recalibration_softens_overconfident_probabilities_and_leaves_the_order():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 4_000)
    wrong = generator.random(4_000) < 0.4
    said = np.where(wrong, (labels + 1) % 3, labels)
    confident = 0.99 * np.eye(3)[said] + 0.01 / 3
    found = recalibrated(confident, confident, labels)
    np.testing.assert_array_equal(found.argmax(axis=1), said)
    # Two wrong classes share one temperature, so the likeliest class gets its share of right answers.
    assert found.max(axis=1).mean() == pytest.approx(0.6, abs=0.02)
    np.testing.assert_array_equal(recalibrated(confident, confident[:0], labels[:0]), confident)
