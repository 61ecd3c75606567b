import dataclasses

import numpy as np
import pytest
from scipy.stats import chisquare, truncnorm

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, noise_from
from noise._part_dependent import (
    flip_probabilities,
    flip_rates,
    inverse_cdf,
    mean_flip_rates,
    target_probabilities,
    turning_rates,
    unit_length,
)


def inputs_for(size, classes=4, split="train", seed=1, features=None, prefix="t"):
    clean = np.arange(size) % classes
    features = np.random.default_rng(5).standard_normal((size, 6)) if features is None else features
    draws = Draws(("corpus", "instance(scale=3.0)", seed), split, [f"{prefix}{i}" for i in range(size)])
    return NoiseInputs(clean, classes, draws, features)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.2, 0.5, 0.9, 1.0])
def test_flip_rates_are_quantiles_of_the_truncated_normal(rate):
    uniforms = np.linspace(0, 1, 301)[:-1]
    law = truncnorm((0 - rate) / 0.1, (1 - rate) / 0.1, loc=rate, scale=0.1)
    assert np.allclose(flip_rates(uniforms, rate), law.ppf(uniforms), rtol=1e-9, atol=1e-12)
    assert np.isclose(mean_flip_rates(rate), law.mean(), rtol=1e-9)


def test_the_probability_of_a_flip_rises_with_the_rate_for_every_example():
    uniforms = (np.arange(200) + 0.5) / 200
    table = np.stack([flip_probabilities(uniforms, np.full(200, rate)) for rate in np.linspace(0.001, 0.999, 500)])
    assert np.diff(table, axis=0).min() > -1e-12


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4, 0.6])
def test_an_example_has_turned_by_a_rate_with_its_flip_probability(rate):
    propensity, flip = np.random.default_rng(0).random((2, 50_000))
    turned = turning_rates(propensity, flip) <= rate
    assert (turned == (flip < flip_probabilities(propensity, rate))).all()
    assert abs(turned.mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / 50_000)


@pytest.mark.parametrize("rate", [0.2, 0.4])
def test_flips_under_an_exact_count_are_as_frequent_as_the_flip_rates_ask(rate):
    size = 40_000
    inputs = inputs_for(size)
    flipped = noise_from(f"instance({rate})").corrupt(inputs) != inputs.clean_labels
    asked = flip_probabilities(inputs.draws.uniform("propensity"), rate)
    group = np.argsort(np.argsort(asked)) * 20 // size
    seen, expected = np.bincount(group[flipped]), np.bincount(group, weights=asked)
    assert chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-3
    assert seen[-1] > 1.5 * seen[0]


def test_each_example_of_a_small_class_is_flipped_as_often_as_its_flip_rate_asks():
    propensity = (np.arange(50) + 0.5) / 50
    rounds, rng = 2000, np.random.default_rng(2)
    flips = np.zeros(50)
    for _ in range(rounds):
        flips[np.argsort(turning_rates(propensity, rng.random(50)))[:20]] += 1
    asked = flip_probabilities(propensity, 0.4)
    assert np.abs(flips / rounds - asked * 20 / asked.sum()).max() < 0.05


def test_targets_follow_the_conditional_softmax():
    size, classes = 40_000, 4
    features = np.repeat(np.random.default_rng(7).standard_normal((classes, 6)), size // classes, axis=0)
    features = features[np.arange(size) % classes * (size // classes)]
    inputs = inputs_for(size, classes, features=features)
    noisy = noise_from("instance(0.4)").corrupt(inputs)
    projections = inputs.draws.shared("projection").standard_normal((classes, 6, classes))
    law = target_probabilities(3 * unit_length(features[:classes]), projections, np.arange(classes))
    assert not np.diag(law).any()
    assert np.allclose(law.sum(axis=1), 1)
    for k in range(classes):
        counts = np.bincount(noisy[(inputs.clean_labels == k) & (noisy != k)], minlength=classes)
        others = np.arange(classes) != k
        assert chisquare(counts[others], law[k, others] * counts.sum()).pvalue > 1e-3


def test_equal_texts_share_their_likely_target_across_train_and_validation():
    size, classes = 8000, 4
    features = np.random.default_rng(8).standard_normal((classes, 6))[np.arange(size) % classes]
    train, valid = (inputs_for(size, classes, split, features=features) for split in ("train", "valid"))
    model = noise_from("instance(0.4)")
    noisy_train, noisy_valid = model.corrupt(train), model.corrupt(valid)
    assert ((noisy_train != train.clean_labels) != (noisy_valid != valid.clean_labels)).any()
    for k in range(classes):
        in_train, in_valid = (
            np.bincount(noisy[(train.clean_labels == k) & (noisy != k)], minlength=classes) / (0.4 * size / classes)
            for noisy in (noisy_train, noisy_valid)
        )
        assert np.abs(in_train - in_valid).max() < 0.08


def test_another_seed_draws_other_projections():
    size, classes = 4000, 4
    features = np.random.default_rng(8).standard_normal((classes, 6))[np.arange(size) % classes]
    first, second = (
        np.bincount(noise_from("instance(0.4)").corrupt(inputs_for(size, classes, seed=seed, features=features)))
        for seed in (1, 2)
    )
    assert np.abs(first - second).max() > 100


def test_texts_without_direction_spread_their_flips_evenly():
    inputs = inputs_for(12_000, features=np.zeros((12_000, 3)))
    noisy = noise_from("instance(0.4)").corrupt(inputs)
    counts = np.bincount(noisy[(inputs.clean_labels == 0) & (noisy != 0)], minlength=4)
    assert counts[0] == 0
    assert chisquare(counts[1:]).pvalue > 1e-3


def test_the_length_of_features_does_not_matter_but_the_scale_does():
    inputs = inputs_for(2000)
    longer = dataclasses.replace(inputs, features=inputs.features * 10)
    model = noise_from("instance(0.4)")
    assert (model.corrupt(inputs) == model.corrupt(longer)).all()
    assert (noise_from("instance(0.4,scale=0.1)").corrupt(inputs) != model.corrupt(inputs)).any()


def test_missing_features_are_an_error():
    with pytest.raises(BenchmarkError, match="features"):
        noise_from("instance(0.4)").corrupt(dataclasses.replace(inputs_for(10), features=None))


def test_a_class_of_probability_zero_is_never_drawn():
    law = np.array([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]])
    for uniform in (0.0, 0.5, np.nextafter(1.0, 0.0)):
        assert (inverse_cdf(law, np.full(3, uniform)) != np.arange(3)).all()
