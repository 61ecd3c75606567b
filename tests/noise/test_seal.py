import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, noise_from
from noise.seal import best_other_class


def inputs_for(teacher, clean, seed=1):
    draws = Draws(("corpus", "seal", seed), "train", [f"t{i}" for i in range(len(clean))])
    return NoiseInputs(clean, teacher.shape[1], draws, teacher=teacher)


def test_the_candidate_is_the_likeliest_class_but_the_clean_one():
    teacher = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
    candidates, scores = best_other_class(teacher, np.array([0, 1, 0]))
    assert candidates.tolist() == [1, 0, 2]
    assert np.allclose(scores, [0.2, 0.7, 0.7])


def test_flipped_texts_have_higher_scores_than_all_others_and_get_their_candidate():
    rng = np.random.default_rng(0)
    teacher, clean = rng.dirichlet(np.ones(5), 1000), rng.integers(0, 5, 1000)
    noisy = noise_from("seal(0.35)").corrupt(inputs_for(teacher, clean))
    candidates, scores = best_other_class(teacher, clean)
    flipped = noisy != clean
    assert flipped.sum() == 350
    assert scores[flipped].min() >= scores[~flipped].max()
    assert (noisy[flipped] == candidates[flipped]).all()


def test_the_seed_does_not_matter_where_scores_differ():
    rng = np.random.default_rng(0)
    teacher, clean = rng.dirichlet(np.ones(5), 300), rng.integers(0, 5, 300)
    first, second = (noise_from("seal(0.35)").corrupt(inputs_for(teacher, clean, seed)) for seed in (1, 2))
    assert (first == second).all()


def test_ties_are_drawn():
    teacher, clean = np.full((100, 2), 0.5), np.zeros(100, dtype=np.int64)
    first, second = (noise_from("seal(0.5)").corrupt(inputs_for(teacher, clean, seed)) for seed in (1, 2))
    assert first.sum() == second.sum() == 50
    assert (first != second).any()


def test_a_count_that_floating_point_puts_just_below_a_whole_number_is_that_number():
    assert int(0.29 * 100) == 28
    teacher, clean = np.random.default_rng(0).dirichlet(np.ones(3), 100), np.zeros(100, dtype=np.int64)
    assert (noise_from("seal(0.29)").corrupt(inputs_for(teacher, clean)) != 0).sum() == 29


def test_a_missing_teacher_and_a_single_class_are_errors():
    clean = np.zeros(5, dtype=np.int64)
    draws = Draws(("corpus", "seal", 1), "train", list("abcde"))
    with pytest.raises(BenchmarkError, match="teacher"):
        noise_from("seal(0.2)").corrupt(NoiseInputs(clean, 2, draws))
    with pytest.raises(BenchmarkError, match="classes"):
        noise_from("seal(0.2)").corrupt(inputs_for(np.ones((5, 1)), clean))
