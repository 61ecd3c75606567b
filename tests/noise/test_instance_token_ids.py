import dataclasses

import numpy as np
import pytest
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, noise_from
from noise._part_dependent import flip_probabilities, target_probabilities


def inputs_for(size, classes=5, split="train", seed=1):
    """Sentences of 4 to 20 word pieces between [CLS] and [SEP]."""
    rng = np.random.default_rng(0)
    ids, lengths = rng.integers(1000, 30_522, (size, 24)).astype(np.int32), rng.integers(5, 22, size)
    ids[:, 0] = 101
    ids[np.arange(size), lengths] = 102
    ids[np.arange(24) > lengths[:, None]] = 0
    draws = Draws(("corpus", "instance_token_ids()", seed), split, [f"t{i}" for i in range(size)])
    return NoiseInputs(rng.integers(0, classes, size), classes, draws, token_ids=ids)


def targets(inputs, text="instance_token_ids(0.4)"):
    clean, classes = inputs.clean_labels, inputs.num_classes
    noisy = noise_from(text).corrupt(inputs)
    return np.stack([np.bincount(noisy[(clean == k) & (noisy != k)], minlength=classes) for k in range(classes)])


def test_flips_are_as_frequent_as_the_flip_rates_ask():
    inputs = inputs_for(20_000)
    flipped = noise_from("instance_token_ids(0.4)").corrupt(inputs) != inputs.clean_labels
    asked = flip_probabilities(inputs.draws.uniform("propensity"), 0.4)
    group = np.argsort(np.argsort(asked)) * 20 // len(asked)
    seen, expected = np.bincount(group[flipped], minlength=20), np.bincount(group, weights=asked)
    assert chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-3


def test_every_text_has_one_possible_target_since_raw_ids_make_the_softmax_one_hot():
    inputs = inputs_for(2000)
    projections = inputs.draws.shared("projection of train").standard_normal((5, 24, 5))
    law = target_probabilities(inputs.token_ids.astype(np.float64), projections, inputs.clean_labels)
    assert (law.max(axis=1) > 0.999).mean() > 0.99
    noisy = noise_from("instance_token_ids(0.4)").corrupt(inputs)
    flipped = noisy != inputs.clean_labels
    assert (noisy[flipped] == law.argmax(axis=1)[flipped]).mean() > 0.99


def test_the_flips_of_a_class_crowd_on_one_target():
    shares = targets(inputs_for(20_000, classes=20))
    assert (shares.max(axis=1) / shares.sum(axis=1)).mean() > 0.3


def test_training_and_validation_disagree_on_the_targets_of_equal_texts():
    train, valid = (targets(inputs_for(10_000, split=split)) for split in ("train", "valid"))
    assert (train.argmax(axis=1) != valid.argmax(axis=1)).any()
    assert np.abs(train / train.sum(axis=1, keepdims=True) - valid / valid.sum(axis=1, keepdims=True)).max() > 0.3


def test_missing_token_ids_are_an_error():
    with pytest.raises(BenchmarkError, match="token ids"):
        noise_from("instance_token_ids(0.4)").corrupt(dataclasses.replace(inputs_for(10), token_ids=None))
