import numpy as np
import pytest
from scipy import stats

from benchmark.analysis.statistics import paired_comparison
from benchmark.analysis.statistics.interval import half_width, p_value

TWO_POINTS = 0.02


def covered_share(seeds, between_seeds, repetitions, rows=400):
    """How often the interval holds the truth, which is zero, over new seeds and new test examples."""
    rng = np.random.default_rng([seeds, round(1000 * between_seeds)])
    covered = 0
    for _ in range(repetitions):
        # the same probability of a win and of a loss on average, so that the true difference is zero
        lean = rng.normal(0, 0.25, rows)[None, :] + rng.normal(0, between_seeds, seeds)[:, None]
        draw = rng.random((seeds, rows))
        a, b = draw < 0.2 + lean / 2, draw > 0.8 + lean / 2
        found = paired_comparison(a.mean(1), b.mean(1), (a, b))
        covered += found.low <= 0 <= found.high
    return covered / repetitions


def exact_coverage(seeds, seed_share, steps=4000):
    """Coverage for normal differences, integrated over the sample variance of the seeds; total variance 1."""
    at = (np.arange(steps) + 0.5) / steps
    sampled = seed_share * stats.chi2.ppf(at, seeds - 1) / (seeds - 1)
    half = half_width(0.05, seeds - 1, sampled, np.full(steps, 1 - seed_share))
    return float(np.mean(1 - 2 * stats.norm.sf(half)))


def test_the_half_width_agrees_with_a_hand_worked_case():
    # V = 1, E = 3, three seeds: w = 1/4, w^1.5 = 1/8, t^2 = 18.513, z^2 = 3.8415
    assert half_width(0.05, 2, 1.0, 3.0) == pytest.approx(np.sqrt(4 * (3.8415 + (18.513 - 3.8415) / 8)), rel=1e-4)


def test_with_one_part_alone_it_is_the_t_interval_or_the_normal_one():
    assert half_width(0.01, 4, 0.5, 0.0) == pytest.approx(stats.t.isf(0.005, 4) * np.sqrt(0.5))
    assert half_width(0.01, 4, 0.0, 0.5) == pytest.approx(stats.norm.isf(0.005) * np.sqrt(0.5))
    assert half_width(0.01, 4, 0.0, 0.0) == 0.0


@pytest.mark.parametrize("level", [0.5, 0.05, 1e-3, 1e-8])
def test_the_p_value_is_the_level_at_which_the_interval_touches_zero(level):
    assert p_value(half_width(level, 2, 1.0, 0.5), 2, 1.0, 0.5) == pytest.approx(level, rel=1e-6)


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("seed_share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0])
def test_coverage_is_within_two_points_of_nominal_whichever_part_is_larger(seeds, seed_share):
    assert abs(exact_coverage(seeds, seed_share) - 0.95) < TWO_POINTS


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("between_seeds", [0.002, 0.03])
def test_the_interval_covers_the_truth_over_new_seeds_and_new_test_examples(seeds, between_seeds):
    repetitions = 500
    allowed = TWO_POINTS + 3 * np.sqrt(0.95 * 0.05 / repetitions)
    assert abs(covered_share(seeds, between_seeds, repetitions) - 0.95) < allowed


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("between_seeds", [0.002, 0.01, 0.03, 0.1])
def test_coverage_is_within_two_points_of_nominal_in_ten_thousand_repetitions(seeds, between_seeds):
    assert abs(covered_share(seeds, between_seeds, 10_000) - 0.95) < TWO_POINTS
