import subprocess
import sys

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError
from methods.shared.consensus import consensus_frequencies, solve_consensus, two_nearest
from methods.shared.mixtures import fit_two_components
from methods.shared.noise_rates import (
    DEFAULT_ESTIMATOR,
    ESTIMATORS,
    anchor_agreement,
    estimate_noise_rate,
    out_of_fold_probabilities,
)
from methods.shared.transition.confident_joint import confident_joint, round_preserving_sum

MIXTURES = {"anchors_and_mixture", "gaussian_mixture", "loss_mixture"}


def blobs(count=1_200, classes=4, rate=0.0, spread=1.0, seed=0):
    """Round clouds, one a class, with `rate` of the labels moved to another class at
    random.
    """
    generator = np.random.default_rng(seed)
    clean = np.arange(count) % classes
    features = 6.0 * np.eye(16)[clean] + spread * generator.normal(size=(count, 16))
    noisy = clean.copy()
    wrong = generator.choice(count, round(rate * count), replace=False)
    noisy[wrong] = (clean[wrong] + generator.integers(1, classes, len(wrong))) % classes
    return features.astype(np.float32), noisy.astype(np.int64)


def has_tied_remainders(row):
    remainders = np.round(row - np.rint(row), 6)
    moved = remainders[np.abs(remainders) > 1e-6]
    return len(np.unique(moved)) < len(moved)


@pytest.mark.golden("confident_learning")
def test_confident_joint_equals_the_reference(case):
    labels = case["labels"]
    found = confident_joint(case["pred_probs"], labels)
    expected = {key: case[f"out_{key}"] for key in ("thresholds", "calibrated", "joint")}
    np.testing.assert_array_equal(found.counts, case["out_confident_joint"])
    assert found.noise_rate == pytest.approx(float(case["out_est_noise_rate"]), abs=1e-12)
    np.testing.assert_allclose(found.thresholds, expected["thresholds"], rtol=1e-6, atol=1e-9)
    scaled = found.counts / found.counts.sum(axis=1, keepdims=True) * np.bincount(labels)[:, None]
    order = np.sort if any(map(has_tied_remainders, scaled)) else np.asarray
    np.testing.assert_array_equal(order(found.calibrated), order(expected["calibrated"]))
    np.testing.assert_allclose(order(found.joint), order(expected["joint"]), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(np.diag(found.calibrated), np.diag(expected["calibrated"]))


def test_confident_joint_of_a_class_that_no_label_names():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), size=60)
    found = confident_joint(probabilities, np.arange(60) % 2)
    assert found.joint.sum() == pytest.approx(1.0)
    assert not found.calibrated[2].any()
    assert not found.counts[:2, 2].any()


def test_rounding_keeps_the_sum():
    generator = np.random.default_rng(0)
    for _ in range(100):
        row = generator.dirichlet(np.ones(7)) * 53
        rounded = round_preserving_sum(row)
        assert rounded.sum() == 53
        assert np.abs(rounded - row).max() < 1.0


def test_two_nearest_are_those_of_the_whole_similarity_matrix():
    features = np.random.default_rng(0).normal(size=(700, 5))
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    np.testing.assert_array_equal(two_nearest(features, np.arange(700)), np.argsort(-alike, axis=1)[:, :2])


def test_consensus_recovers_the_law_that_made_the_frequencies():
    transition = np.array([[0.7, 0.2, 0.1], [0.05, 0.8, 0.15], [0.3, 0.1, 0.6]])
    priors = np.array([0.5, 0.3, 0.2])
    orders = [
        np.einsum("k,ki->i", priors, transition),
        np.einsum("k,ki,kj->ij", priors, transition, transition),
        np.einsum("k,ki,kj,kl->ijl", priors, transition, transition, transition),
    ]
    found = solve_consensus(orders, iterations=2_000)
    np.testing.assert_allclose(found.transition, transition, atol=0.02)
    np.testing.assert_allclose(found.priors, priors, atol=0.02)
    assert found.noise_rate == pytest.approx(0.29, abs=0.01)


def test_consensus_frequencies_are_shares_of_patterns():
    first, second, third = consensus_frequencies(np.array([[0, 0, 1], [0, 1, 1]]), 2)
    np.testing.assert_allclose(first, [1.0, 0.0])
    np.testing.assert_allclose(second, [[0.5, 0.5], [0.0, 0.0]])
    assert third[0, 0, 1] == third[0, 1, 1] == 0.5
    assert third.sum() == 1.0


@pytest.mark.parametrize("family", ["beta", "gaussian"])
def test_mixture_weighs_two_clear_groups(family):
    generator = np.random.default_rng(0)
    values = np.concatenate([generator.normal(0.5, 0.1, 700), generator.normal(3.0, 0.3, 300)])
    fitted = fit_two_components(values, family)
    assert fitted.weights[1] == pytest.approx(0.3, abs=0.03)
    assert fitted.means[0] < fitted.means[1]
    assert ((fitted.high_posterior > 0.5) == (np.arange(1_000) >= 700)).mean() > 0.99


@pytest.mark.parametrize("family", ["beta", "gaussian"])
def test_mixture_of_equal_values_is_finite(family):
    fitted = fit_two_components(np.full(10, 2.0), family)
    assert np.isfinite(fitted.weights).all()
    assert np.isfinite(fitted.high_posterior).all()


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - MIXTURES))
def test_estimators_find_the_rate_of_separable_classes(name, rate):
    features, labels = blobs(rate=rate)
    assert estimate_noise_rate(name, features, labels, 4, np.random.default_rng(0)) == pytest.approx(rate, abs=0.06)


@pytest.mark.parametrize("name", sorted(MIXTURES))
def test_mixtures_come_near_the_rate_of_separable_classes(name):
    features, labels = blobs(rate=0.3)
    assert estimate_noise_rate(name, features, labels, 4, np.random.default_rng(0)) == pytest.approx(0.3, abs=0.1)


def test_anchor_agreement_does_not_count_the_errors_of_the_probe():
    features, labels = blobs(count=4_000, rate=0.2, spread=3.0)
    probabilities = out_of_fold_probabilities(features, labels, 4, np.random.default_rng(0))
    disagreement = float((probabilities.argmax(axis=1) != labels).mean())
    assert disagreement > 0.3
    assert 1.0 - anchor_agreement(probabilities, labels) == pytest.approx(0.2, abs=0.05)


def test_out_of_fold_probabilities_know_nothing_of_their_own_label():
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(2_000, 50)), generator.integers(0, 2, 2_000)
    probabilities = out_of_fold_probabilities(features, labels, 2, generator)
    assert (probabilities.argmax(axis=1) == labels).mean() < 0.55
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_same_seed_gives_the_same_estimate_and_inputs_stay_untouched(name):
    features, labels = blobs(count=300, rate=0.2)
    before = features.copy(), labels.copy()
    first, second = (estimate_noise_rate(name, features, labels, 4, np.random.default_rng(7)) for _ in range(2))
    assert first == second
    np.testing.assert_array_equal(features, before[0])
    np.testing.assert_array_equal(labels, before[1])


def awkward_inputs():
    generator = np.random.default_rng(0)
    features, labels = blobs(count=400, rate=0.2)
    small = features[:32]
    lone = np.where(labels == 3, 0, labels)
    lone[5] = 3
    yield "absent class", features, np.where(labels == 2, 0, labels), 4
    yield "last class absent", features, np.where(labels == 3, 0, labels), 4
    yield "two classes", features, labels % 2, 2
    yield "32 examples", small, labels[:32], 4
    yield "32 examples of 20 classes", small, generator.integers(0, 20, 32), 20
    yield "class of one example", features, lone, 4
    yield "identical features", np.ones_like(features), labels, 4
    yield "features of zeros", np.zeros_like(features), labels, 4
    yield "one class only", features, np.zeros_like(labels), 4
    yield "more dimensions than examples", generator.normal(size=(20, 64)), np.arange(20) % 3, 3
    yield "two examples", features[:2], labels[:2], 4
    yield "one example", features[:1], labels[:1], 4
    yield "no example", features[:0], labels[:0], 4


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", sorted(ESTIMATORS))
@pytest.mark.parametrize(("features", "labels", "classes"), [pytest.param(*c[1:], id=c[0]) for c in awkward_inputs()])
def test_awkward_inputs_give_a_rate(name, features, labels, classes):
    rate = estimate_noise_rate(name, features, labels, classes, np.random.default_rng(0))
    assert isinstance(rate, float)
    assert 0.0 <= rate < 1.0


def test_the_default_is_an_estimator():
    assert DEFAULT_ESTIMATOR in ESTIMATORS


def test_unknown_estimator_is_named_with_the_known_ones():
    features, labels = blobs(count=40)
    with pytest.raises(BenchmarkError, match=r"'confident_jont'.*'confident_joint'"):
        estimate_noise_rate("confident_jont", features, labels, 4, np.random.default_rng(0))


def test_importing_the_estimators_loads_nothing_heavy():
    code = (
        "import sys, methods.shared.noise_rates; print([m for m in ('torch', 'scipy', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
