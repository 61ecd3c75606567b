import dataclasses

import numpy as np
import pytest
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, UnknownNameError, noise_from
from noise.pmd import flip_propensities


def inputs_for(teacher, clean, seed=1):
    draws = Draws(("corpus", "pmd", seed), "train", [f"t{i}" for i in range(len(clean))])
    return NoiseInputs(clean, teacher.shape[1], draws, teacher=teacher)


def doubtful(size, classes=4):
    rng = np.random.default_rng(0)
    teacher = rng.dirichlet(np.full(classes, 0.4), size)
    return teacher, np.where(rng.random(size) < 0.8, teacher.argmax(axis=1), rng.integers(0, classes, size))


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_flips_are_as_frequent_as_the_propensities_ask(kind):
    teacher, clean = doubtful(40_000)
    flipped = noise_from(f"pmd(0.2,type={kind})").corrupt(inputs_for(teacher, clean)) != clean
    propensity = flip_propensities(teacher, kind)
    group = np.argsort(np.argsort(propensity)) * 20 // len(clean)
    expected = np.bincount(group, weights=propensity)
    seen = np.bincount(group[flipped], minlength=20)
    assert chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-3
    assert seen[-1] > 1.5 * seen[0]


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_flip_goes_to_the_runner_up_of_a_right_teacher_and_to_the_best_of_a_wrong_one(kind):
    teacher, clean = doubtful(2000)
    noisy = noise_from(f"pmd(0.4,type={kind})").corrupt(inputs_for(teacher, clean))
    order = np.argsort(-teacher, axis=1)
    right, flipped = order[:, 0] == clean, noisy != clean
    assert (noisy[flipped & right] == order[flipped & right, 1]).all()
    assert (flipped & right).any()
    assert (noisy[flipped & ~right] == order[flipped & ~right, 0]).all()
    assert (flipped & ~right).any()


def test_the_types_differ_in_how_fast_a_margin_protects():
    teacher = np.array([[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]])
    assert np.allclose(flip_propensities(teacher, 1), [0.18, 0.48, 0.5])
    assert np.allclose(flip_propensities(teacher, 2), [0.488, 0.992, 1.0])
    assert np.allclose(flip_propensities(teacher, 3), [1 - (0.8 + 0.64 + 0.512) / 3, 1 - 0.248 / 3, 1.0])


def test_a_rate_above_the_share_of_doubted_texts_is_an_error_that_names_it():
    teacher = np.repeat([[1.0, 0.0], [0.6, 0.4]], [70, 30], axis=0)
    clean = np.zeros(100, dtype=np.int64)
    assert (noise_from("pmd(0.3)").corrupt(inputs_for(teacher, clean)) != clean)[70:].all()
    with pytest.raises(BenchmarkError, match=r"\b30\b.*\b0\.3\b"):
        noise_from("pmd(0.31)").corrupt(inputs_for(teacher, clean))


def test_an_unknown_type_a_missing_teacher_and_a_single_class_are_errors():
    with pytest.raises(UnknownNameError, match=r"type: '4'.*Known: 1, 2, 3"):
        noise_from("pmd(0.2,type=4)")
    teacher, clean = doubtful(20)
    with pytest.raises(BenchmarkError, match="teacher"):
        noise_from("pmd(0.2)").corrupt(dataclasses.replace(inputs_for(teacher, clean), teacher=None))
    with pytest.raises(BenchmarkError, match="classes"):
        noise_from("pmd(0.2)").corrupt(inputs_for(np.ones((5, 1)), np.zeros(5, dtype=np.int64)))


def test_the_type_is_part_of_the_name_and_of_the_kind():
    assert str(noise_from("pmd(0.35,type=2)")) == "pmd(0.35,type=2)"
    assert noise_from("pmd(0.35,type=2)").type == 2
    assert noise_from("pmd(0.35,type=2)").kind == "pmd(2)"
    assert noise_from("pmd(0.35)").kind == "pmd"
