import numpy as np
import pytest
from scipy import stats

from benchmark.analysis.statistics import bayesian_signed_rank
from benchmark.analysis.statistics.bayes import DRAWS

SAMPLING = 4 * np.sqrt(0.25 / DRAWS)


def test_one_large_difference_agrees_with_the_hand_worked_posterior():
    # w_0 ~ Beta(1/2, 1). With z_1 > 2r only the pair (0, 0) is equivalent: theta_rope = w_0^2, theta_right = 1 - w_0^2,
    # so right is larger where w_0 < 1 / sqrt(2), with probability 2^(-1/4).
    found = bayesian_signed_rank(np.array([0.05]), rope=0.01)
    assert found.better == pytest.approx(2**-0.25, abs=SAMPLING)
    assert found.worse == 0
    assert found.equivalent == pytest.approx(1 - 2**-0.25, abs=SAMPLING)


def test_a_difference_between_one_and_two_times_the_region_counts_only_with_itself():
    # r < z_1 < 2r: the pair (0, 1) is equivalent, so theta_right = (1 - w_0)^2, above half where w_0 < 1 - 1 / sqrt(2)
    found = bayesian_signed_rank(np.array([0.015]), rope=0.01)
    assert found.better == pytest.approx(stats.beta.cdf(1 - 0.5**0.5, 0.5, 1), abs=SAMPLING)


def test_the_signs_of_differences_are_mirrored():
    differences = np.array([0.03, -0.01, 0.02, 0.005, 0.04])
    plain, mirrored = bayesian_signed_rank(differences, 0.01), bayesian_signed_rank(-differences, 0.01)
    assert (plain.better, plain.equivalent, plain.worse) == (mirrored.worse, mirrored.equivalent, mirrored.better)


def test_the_posterior_agrees_with_a_plain_double_loop():
    differences, rope = np.array([0.03, -0.02, 0.012, 0.004]), 0.01
    rng = np.random.default_rng(0)
    wins = np.zeros(3)
    observed = [0.0, *differences]
    for w in rng.dirichlet([0.5, 1, 1, 1, 1], 5000):
        theta = [0.0, 0.0, 0.0]
        for i, first in enumerate(observed):
            for j, second in enumerate(observed):
                total = first + second
                theta[0 if total > 2 * rope else 2 if total < -2 * rope else 1] += w[i] * w[j]
        wins[int(np.argmax(theta))] += 1
    found = bayesian_signed_rank(differences, rope)
    assert [found.better, found.equivalent, found.worse] == pytest.approx(wins / 5000, abs=4 * np.sqrt(0.25 / 5000))


@pytest.mark.parametrize(("centre", "decision"), [(0.08, "better"), (0.0, "equivalent"), (-0.08, "worse")])
def test_twelve_clear_blocks_are_decided(centre, decision):
    differences = centre + np.random.default_rng(1).normal(0, 0.004, 12)
    assert bayesian_signed_rank(differences, 0.01).decision == decision


def test_probabilities_add_up_and_two_blocks_decide_nothing():
    found = bayesian_signed_rank(np.array([0.02, -0.02]), 0.01)
    assert found.better + found.equivalent + found.worse == pytest.approx(1)
    assert found.decision is None


def test_below_six_blocks_nothing_is_decided_however_clear():
    found = bayesian_signed_rank(np.full(5, 0.2), 0.01)
    assert found.better > 0.99
    assert found.decision is None
    assert bayesian_signed_rank(np.full(6, 0.2), 0.01).decision == "better"


def test_the_same_differences_give_the_same_probabilities_and_none_give_none():
    differences = np.array([0.02, np.nan, 0.01])
    assert bayesian_signed_rank(differences, 0.01) == bayesian_signed_rank(differences[[0, 2]], 0.01)
    assert bayesian_signed_rank(np.array([np.nan]), 0.01) is None
