"""Detectors against numbers that their authors' own code computed; see
golden/PROVENANCE.md.
"""

import numpy as np
import pytest

from benchmark.audit.detectors import Evidence, Neighbours, detector_named
from benchmark.audit.detectors.dup_conflict import near_duplicates
from benchmark.audit.detectors.forgetting import forgetting_events
from benchmark.audit.detectors.knn_vote import vote_loss
from benchmark.audit.detectors.oof_cwe import published_quality

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def out_of_fold(case):
    labels, probabilities = case["labels"], case["pred_probs"]
    rows = [labels == k for k in range(probabilities.shape[1])]
    levels = np.array([probabilities[own, k].mean() if own.any() else 0.0 for k, own in enumerate(rows)])
    return Evidence(labels, probabilities=probabilities, mean_self_confidence=levels)


def score(name, evidence):
    return detector_named(name).scores(evidence)


@pytest.mark.golden("cleanlab_scores")
def test_scores_of_out_of_fold_probabilities_are_the_published_ones_turned_over(case):
    evidence = out_of_fold(case)
    for name, published in {
        "oof_self_confidence": "out_self_confidence",
        "oof_self_confidence_adjusted": "out_self_confidence_adjusted",
        "oof_margin": "out_normalized_margin",
    }.items():
        np.testing.assert_allclose(1 - score(name, evidence), case[published], **CLOSE)


@pytest.mark.golden("cleanlab_scores")
def test_entropy_by_confidence_is_the_published_one(case):
    found = published_quality(case["pred_probs"], case["labels"])
    np.testing.assert_allclose(found, case["out_confidence_weighted_entropy"], rtol=1e-9, atol=1e-9)


@pytest.mark.golden("cleanlab_scores_rows")
def test_single_rows_are_scored_as_published(case):
    evidence = out_of_fold(case)
    np.testing.assert_allclose(1 - score("oof_self_confidence", evidence), case["out_self_confidence"], **CLOSE)
    np.testing.assert_allclose(1 - score("oof_margin", evidence), case["out_normalized_margin"], **CLOSE)


def test_a_sure_right_row_is_the_least_suspect_by_entropy():
    evidence = Evidence(np.array([0, 0, 0]), probabilities=np.array([[1.0, 0.0], [0.6, 0.4], [0.0, 1.0]]))
    assert np.argsort(score("oof_cwe", evidence)).tolist() == [0, 1, 2]


@pytest.mark.golden("aum")
def test_area_under_the_margin_is_the_published_one_turned_over(case):
    evidence = Evidence(case["labels"], logits=case["logits"])
    np.testing.assert_allclose(-score("aum", evidence), case["out_aum"][-1], rtol=1e-6, atol=1e-9)


@pytest.mark.golden("dynamics_scores")
def test_map_confidence_is_the_published_one_turned_over(case):
    evidence = Evidence(case["labels"], logits=case["logits"][: int(case["burn_out"])])
    np.testing.assert_allclose(
        1 - score("map_confidence", evidence), case["out_map_confidence"], rtol=1e-10, atol=1e-12
    )


@pytest.mark.golden("dynamics_scores")
def test_forgetting_events_are_the_published_ones(case):
    found = forgetting_events(case["out_correct"].astype(bool))
    np.testing.assert_array_equal(found, case["out_forget_count_never_learned_is_E"])


@pytest.mark.golden("dynamics_scores")
def test_ties_of_forgetting_never_change_the_order_of_counts(case):
    found = score("forgetting", Evidence(case["labels"], logits=case["logits"]))
    np.testing.assert_array_equal(np.floor(found), case["out_forget_count_never_learned_is_E"])


@pytest.mark.golden("cores_loss")
def test_the_sieve_keeps_what_scores_at_most_zero(case):
    if int(case["epoch"]) <= 30:
        pytest.skip("the published sieve keeps all rows up to epoch 30")
    found = score("cores", Evidence(case["labels"], logits=case["logits"][None]))
    np.testing.assert_array_equal(found <= 0, case["out_selected"].astype(bool))


@pytest.mark.golden("simifeat_knn")
def test_votes_of_neighbours_score_as_published_where_a_row_votes_for_itself(case):
    if str(case["tag"]) == "duplicates":
        pytest.skip("which of two equal rows comes first is arbitrary")
    features, labels, k = case["features"], case["labels"], int(case["k"])
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances = 1 - unit @ unit.T
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(distances, order, axis=1)
    near[:, 0] = 2 * near[:, 1] - near[:, 2]
    found = vote_loss(1 - float(case["min_similarity"]) - near, labels[order], labels)
    np.testing.assert_allclose(found, case["out_score_ce"], rtol=1e-8, atol=1e-10)


@pytest.mark.golden("near_duplicate")
def test_pairs_of_near_duplicates_are_the_published_ones(case):
    found = np.zeros_like(case["out_pairs"])
    neighbours = Neighbours(case["knn_index"], case["knn_dist"])
    found[near_duplicates(neighbours, float(case["threshold"]))] = 1
    np.testing.assert_array_equal(found, case["out_pairs"])
