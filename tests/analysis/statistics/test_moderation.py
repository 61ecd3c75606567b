import numpy as np
import pytest
from scipy import optimize, special

from benchmark.analysis.statistics.moderation import moderated
from benchmark.analysis.statistics.within import compare_with_best, paired_comparison


def test_equal_variances_double_their_freedom_and_move_to_the_unbiased_mean_of_their_logarithm():
    # digamma(1) is minus Euler's constant, so with two degrees of freedom log s^2 lies 0.5772 below log sigma^2
    found, degrees_of_freedom = moderated(np.full(9, 2.0), degrees_of_freedom=2)
    assert degrees_of_freedom == 4
    assert found == pytest.approx(np.full(9, (2.0 + 2.0 * np.exp(0.5772156649)) / 2))


def test_variances_that_differ_beyond_sampling_keep_more_of_their_own():
    rng = np.random.default_rng(2)
    alike = rng.chisquare(4, 200) / 4
    unlike = alike * np.exp(rng.normal(0, 1.5, 200))
    (near, near_freedom), (far, far_freedom) = moderated(alike, 4), moderated(unlike, 4)
    assert near_freedom == 8
    assert 4 < far_freedom < 6
    assert np.log(near).std() < 0.6 * np.log(alike).std()
    assert np.log(far).std() > 0.7 * np.log(unlike).std()


def test_the_prior_freedom_is_recovered_from_many_variances_that_have_it():
    rng = np.random.default_rng(3)
    true, sampled = 3.0, 20
    variances = 5.0 * true / rng.chisquare(true, 20_000) * rng.chisquare(sampled, 20_000) / sampled
    found, degrees_of_freedom = moderated(variances, sampled)
    assert degrees_of_freedom - sampled == pytest.approx(true, rel=0.05)
    weight = true / (true + sampled)
    assert (found - (1 - weight) * variances).mean() / weight == pytest.approx(5.0, rel=0.05)


def test_few_comparisons_and_variances_of_zero_are_left_alone_or_out():
    few = np.array([1.0, 2.0, 3.0])
    found, degrees_of_freedom = moderated(few, 2)
    assert found is few
    assert degrees_of_freedom == 2
    with_zero, _ = moderated(np.array([0.0, *np.full(7, 2.0)]), 2)
    assert with_zero[1:] == pytest.approx(moderated(np.full(7, 2.0), 2)[0])
    assert with_zero[0] > 0


@pytest.mark.parametrize("named", [None, "m0"], ids=["the best", "a reference"])
@pytest.mark.parametrize(("seeds", "spread"), [(3, 0.0), (3, 0.5), (5, 0.5)])
def test_equal_methods_are_told_apart_in_at_most_five_percent_of_cells(named, seeds, spread):
    rng = np.random.default_rng(7)
    rounds, false = 300, 0
    for _ in range(rounds):
        deviations = np.exp(rng.normal(0, spread, 12))[:, None]
        scores = {f"m{k}": row for k, row in enumerate(rng.normal(0, 1, (12, seeds)) * deviations)}
        false += any(one.distinguishable for one in compare_with_best(scores, best=named))
    assert false / rounds <= 0.05


def test_a_gap_of_ten_deviations_is_found_among_many_methods_of_three_seeds():
    rng = np.random.default_rng(5)
    scores = {f"m{k}": 0.6 + rng.normal(0, 0.01, 3) for k in range(26)} | {"best": 0.75 + rng.normal(0, 0.01, 3)}
    found = {one.method: one for one in compare_with_best(scores)}
    assert sum(one.distinguishable for one in found.values()) >= 20
    alone = paired_comparison(scores["best"], scores["m0"])
    assert alone.p * 27 * 26 / 2 > 0.05, "by its own two degrees of freedom it would not be"


def test_seven_variances_agree_with_the_estimate_worked_out_by_hand():
    variances = np.array([0.02, 0.2, 1.0, 2.0, 9.0, 60.0, 400.0])
    logs = np.log(variances) - special.digamma(1) + np.log(1)
    # Smyth, section 6.2: trigamma(d0 / 2) is the sample variance (ddof 1) of the logs less trigamma(d / 2)
    wanted = np.sum((logs - logs.mean()) ** 2) / 6 - special.polygamma(1, 1)
    half = optimize.brentq(lambda x: special.polygamma(1, x) - wanted, 0.01, 100)
    scale = np.exp(logs.mean() + special.digamma(half) - np.log(half))
    found, degrees_of_freedom = moderated(variances, 2)
    assert 0 < 2 * half < 2
    assert degrees_of_freedom == pytest.approx(2 + 2 * half)
    assert found == pytest.approx((2 * half * scale + 2 * variances) / (2 + 2 * half))
