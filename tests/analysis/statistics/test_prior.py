import numpy as np
import pytest
from scipy import optimize, special

from benchmark.analysis.statistics import (
    Prior,
    Sampled,
    compare_with_best,
    paired_comparison,
    prior_of,
    sampled_variances,
)
from benchmark.analysis.statistics.prior import MOST_DEGREES, SMALL_SET_DEGREES


def cells_of(variances, degrees_of_freedom, count=4):
    return [Sampled(part, degrees_of_freedom) for part in np.array_split(np.asarray(variances), count)]


def test_variances_alike_have_no_more_than_the_most_degrees_and_the_unbiased_mean_of_their_logarithm():
    # digamma(1) is minus Euler's constant, so with two degrees of freedom log s^2 lies 0.5772 below log sigma^2
    found = prior_of(cells_of(np.full(40, 2.0), 2))
    assert found.of_set
    assert found.degrees_of_freedom == MOST_DEGREES
    assert found.variance == pytest.approx(2.0 * np.exp(0.5772156649))


def test_the_prior_is_recovered_from_many_variances_that_have_it():
    rng = np.random.default_rng(3)
    true, sampled = 2.0, 20
    variances = 5.0 * true / rng.chisquare(true, 20_000) * rng.chisquare(sampled, 20_000) / sampled
    found = prior_of(cells_of(variances, sampled))
    assert found.degrees_of_freedom == pytest.approx(true, rel=0.05)
    assert found.variance == pytest.approx(5.0, rel=0.05)


def test_cells_of_different_numbers_of_seeds_have_one_prior():
    rng = np.random.default_rng(4)
    true = 2.0 / rng.chisquare(2.0, (2, 20_000))
    few = Sampled(true[0] * rng.chisquare(4, 20_000) / 4, 4)
    many = Sampled(true[1] * rng.chisquare(30, 20_000) / 30, 30)
    found = prior_of([few, many, few])
    assert found.degrees_of_freedom == pytest.approx(2.0, rel=0.05)
    assert found.variance == pytest.approx(1.0, rel=0.05)


def test_the_prior_agrees_with_the_estimate_worked_out_by_hand():
    variances = np.tile([0.002, 0.02, 0.2, 1.0, 2.0, 9.0, 60.0, 400.0, 4_000.0, 1e-4], 4)
    logs = np.log(variances) - special.digamma(1) + np.log(1)
    # Smyth, section 6.2: trigamma(d0 / 2) is the sample variance (ddof 1) of the logs less trigamma(d / 2)
    wanted = np.sum((logs - logs.mean()) ** 2) / 39 - special.polygamma(1, 1)
    half = optimize.brentq(lambda x: special.polygamma(1, x) - wanted, 0.01, 100)
    found = prior_of(cells_of(variances, 2))
    assert 0 < 2 * half < MOST_DEGREES
    assert found.degrees_of_freedom == pytest.approx(2 * half)
    assert found.variance == pytest.approx(np.exp(logs.mean() + special.digamma(half) - np.log(half)))


def test_a_variance_of_zero_says_nothing_of_the_others_and_is_drawn_up():
    told = np.array([*np.full(40, 2.0)])
    assert prior_of(cells_of([*told, 0.0], 2)).variance == pytest.approx(prior_of(cells_of(told, 2)).variance)
    shrunk, _ = Prior(2.0, 3.0, of_set=True).shrink(np.array([0.0]), 2)
    assert shrunk == pytest.approx([1.5])


@pytest.mark.parametrize(("variances", "cells"), [(40, 2), (29, 4)], ids=["two cells", "29 variances"])
def test_a_set_too_small_takes_the_packaged_prior(variances, cells):
    told = cells_of(np.ones(variances), 2, cells)
    packaged = Prior(SMALL_SET_DEGREES, 7.0, source="archive")
    assert prior_of(told, packaged) is packaged
    assert prior_of(told) == Prior()


@pytest.mark.parametrize(("own", "location"), [(2.0, 7.0), (20.0, 20.0)], ids=["packaged is larger", "own is larger"])
def test_a_small_set_takes_the_larger_of_the_packaged_variance_and_its_own(own, location):
    shrunk, degrees = Prior(2.0, 7.0, source="archive").shrink(np.full(5, own), 2)
    assert degrees == 3
    assert shrunk == pytest.approx(np.full(5, (location + 2 * own) / 3))


@pytest.mark.parametrize(("degrees", "total"), [(2, 3), (3, 4.5), (4, 6), (9, 11)])
def test_a_small_set_never_weighs_more_than_half_of_what_a_variance_has_of_its_own(degrees, total):
    assert Prior().shrink(np.full(5, 1.0), degrees)[1] == total


@pytest.mark.parametrize(("count", "degrees"), [(4, 2), (5, 1)], ids=["four differences", "two seeds"])
def test_a_cell_that_says_too_little_stays_as_it_is(count, degrees):
    own = np.arange(1.0, count + 1)
    shrunk, found = Prior(2.0, 7.0, source="archive").shrink(own, degrees)
    assert shrunk is own
    assert found == degrees


DEVIATIONS = {
    "equal": lambda rng, shape: np.ones(shape),
    "unequal": lambda rng, shape: np.exp(rng.normal(0, 0.5, shape)),
    "the reference an outlier": lambda rng, shape: np.where(np.arange(shape[1]) == 0, 5.0, np.ones(shape)),
    "one outlier": lambda rng, shape: np.where(np.arange(shape[1]) == 2, 5.0, np.ones(shape)),
}


def false_claims(rng, cells, methods, seeds, deviations, scale=1.0, packaged=None, rounds=150):
    """The share of cells of equal methods in which one is told from the reference."""
    false = 0
    for _ in range(rounds):
        spread = scale * DEVIATIONS[deviations](rng, (cells, methods))[:, :, None]
        drawn = rng.normal(0, 1, (cells, methods, seeds)) * spread
        sets = [{f"m{k}": row for k, row in enumerate(cell)} for cell in drawn]
        prior = prior_of([sampled_variances(scores, "m0") for scores in sets], packaged)
        for scores in sets:
            false += any(one.distinguishable for one in compare_with_best(scores, best="m0", prior=prior))
    return false / rounds / cells


@pytest.mark.parametrize("deviations", DEVIATIONS)
@pytest.mark.parametrize(("methods", "seeds"), [(6, 3), (6, 5), (25, 3)])
def test_equal_methods_of_a_large_set_are_told_apart_in_at_most_five_percent_of_cells(methods, seeds, deviations):
    rng = np.random.default_rng(7)
    assert false_claims(rng, 8, methods, seeds, deviations, rounds=60) <= 0.065  # 0.05, and the luck of 480 cells


@pytest.mark.parametrize("deviations", DEVIATIONS)
@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_five_comparisons_of_one_cell_hold_the_level_whatever_their_scale(scale, deviations):
    rng = np.random.default_rng(8)
    packaged = Prior(SMALL_SET_DEGREES, 2.0, source="archive")
    assert false_claims(rng, 1, 6, 3, deviations, scale, packaged, rounds=400) <= 0.07  # 0.05, and the luck of 400


def test_a_gap_of_ten_deviations_is_found_among_many_methods_of_three_seeds():
    rng = np.random.default_rng(5)
    scores = {f"m{k}": 0.6 + rng.normal(0, 0.01, 3) for k in range(26)} | {"best": 0.75 + rng.normal(0, 0.01, 3)}
    prior = Prior(2.5, 2e-4, of_set=True)
    found = [one for one in compare_with_best(scores, best="m0", prior=prior) if one.method == "best"]
    assert found[0].distinguishable
    alone = paired_comparison(scores["best"], scores["m0"])
    assert alone.p * 26 > 0.05, "by its own two degrees of freedom it would not be"
