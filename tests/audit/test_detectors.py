"""What holds for every detector, and the formulas without golden arrays."""

import numpy as np
import pytest

from benchmark.audit.detectors import Evidence, Neighbours, detector_named, detectors
from benchmark.audit.detectors.dup_conflict import near_duplicates
from benchmark.audit.neighbours import find_neighbours
from benchmark.contracts import UnknownNameError

ROWS, CLASSES = 40, 4


@pytest.fixture
def evidence():
    """Everything that any detector reads, of forty rows."""
    draws = np.random.default_rng(0)
    labels = draws.integers(CLASSES, size=ROWS)
    probabilities = draws.dirichlet(np.ones(CLASSES), size=ROWS)
    levels = np.array([probabilities[labels == k, k].mean() for k in range(CLASSES)])
    rows = np.stack([(row + 1 + np.arange(10)) % ROWS for row in range(ROWS)])
    distances = np.sort(draws.uniform(0.05, 1, size=rows.shape), axis=1)
    return Evidence(
        labels,
        probabilities=probabilities,
        mean_self_confidence=levels,
        logits=draws.normal(size=(6, ROWS, CLASSES)),
        early=2,
        neighbours=Neighbours(rows, distances),
    )


@pytest.mark.parametrize("name", list(detectors))
def test_every_detector_gives_a_finite_score_a_row(name, evidence):
    found = detector_named(name).scores(evidence)
    assert found.shape == (ROWS,)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", list(detectors))
def test_every_detector_says_what_it_reads_and_its_equation(name):
    assert detectors[name].reads in ("nothing", "probabilities", "trajectory", "neighbours")
    assert detectors[name].equation


@pytest.mark.parametrize("name", [name for name in detectors if detectors[name].reads != "nothing"])
def test_a_detector_without_what_it_reads_says_so(name):
    with pytest.raises(ValueError, match="reads"):
        detector_named(name).scores(Evidence(np.zeros(3, dtype=np.int64)))


def test_an_unknown_detector_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="oof_margin"):
        detector_named("oof_margins")


def test_the_early_loss_is_that_of_the_early_point(evidence):
    logits = evidence.logits[2]
    expected = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(ROWS), evidence.labels]
    np.testing.assert_allclose(detector_named("loss_early").scores(evidence), expected)


def test_the_error_norm_of_two_classes_is_root_two_times_the_disbelief():
    logits = np.array([[[0.0, 1.0], [2.0, -1.0]]])
    labels = np.array([0, 0])
    believed = np.exp(logits[0, :, 0]) / np.exp(logits[0]).sum(axis=1)
    found = detector_named("el2n").scores(Evidence(labels, logits=logits))
    np.testing.assert_allclose(found, np.sqrt(2) * (1 - believed))


def test_a_near_duplicate_with_another_label_is_a_conflict_for_both():
    rows = np.array([[1, 2], [0, 2], [3, 0], [2, 0]])
    distances = np.array([[0.001, 0.5], [0.001, 0.5], [0.5, 0.5], [0.5, 0.5]])
    evidence = Evidence(np.array([0, 1, 0, 0]), neighbours=Neighbours(rows, distances))
    assert detector_named("dup_conflict").scores(evidence).tolist() == [1.0, 1.0, 0.0, 0.0]


def test_equal_rows_are_near_duplicates_where_every_row_has_some():
    groups = np.repeat(np.arange(30), 5)
    features = np.random.default_rng(0).normal(size=(30, 384)).astype(np.float32)[groups]
    one, other = near_duplicates(find_neighbours(features))
    assert len(one) == 30 * 5 * 4
    assert (groups[one] == groups[other]).all()


def test_random_scores_belong_to_rows_and_not_to_chunks():
    whole = detector_named("random").scores(Evidence(np.zeros(10, dtype=np.int64)))
    part = detector_named("random").scores(Evidence(np.zeros(4, dtype=np.int64), first_row=6))
    np.testing.assert_array_equal(whole[6:], part)
