import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmark.analysis.statistics import compare_with_best, paired_comparison
from benchmark.analysis.statistics.within import example_parts, smallest_p_of_examples


def test_without_correctness_bits_the_test_is_the_paired_t_test():
    a, b = np.array([0.81, 0.84, 0.79, 0.83, 0.85]), np.array([0.80, 0.80, 0.78, 0.80, 0.84])
    found = paired_comparison(a, b)
    expected = stats.ttest_rel(a, b)
    interval = expected.confidence_interval(0.95)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.cohens_d == pytest.approx((a - b).mean() / (a - b).std(ddof=1))
    assert found.example_variance is None
    assert found.smallest_p == 0


def test_the_example_variance_of_one_seed_is_that_of_a_paired_mean():
    rng = np.random.default_rng(0)
    a, b = rng.random((1, 300)) < 0.8, rng.random((1, 300)) < 0.7
    x = a[0].astype(float) - b[0]
    assert example_parts(a, b).between == pytest.approx(x.var(ddof=1) / 300)


def test_the_example_variance_agrees_with_a_hand_worked_two_way_table():
    # x = [[1, 0, 0, 1], [1, 0, 0, -1]]: column means 1 0 0 0, row means .5 0, mean .25
    a = np.array([[1, 0, 0, 1], [1, 0, 0, 0]], dtype=bool)
    b = np.array([[0, 0, 0, 0], [0, 0, 0, 1]], dtype=bool)
    between = 2 * (0.75**2 + 3 * 0.25**2) / 3  # 0.5
    residual = (3.5 - 1.5 - 4 * (0.25**2 * 2)) / 3  # 0.5
    assert example_parts(a, b).between == pytest.approx(max(between - residual, 0) / 2 / 4)


def test_two_texts_are_enough_for_the_variance_between_them():
    a, b = np.array([[1, 0], [1, 0]], dtype=bool), np.array([[0, 0], [0, 1]], dtype=bool)
    # x = [[1, 0], [1, -1]]: text means 1 -.5, seed means .5 0, mean .25; between 2 (.75^2 2) = 2.25, residual 4 (.25^2)
    parts = example_parts(a, b)
    assert parts.between == pytest.approx((2.25 - 0.25) / 2 / 2)
    assert parts.interaction == pytest.approx(0.25 / 2)


def test_the_example_variance_does_not_shrink_with_more_seeds():
    rng = np.random.default_rng(1)
    gap = rng.random(500)
    a, b = np.tile(gap < 0.3, (20, 1)), np.zeros((20, 500), dtype=bool)
    assert example_parts(a, b).between == pytest.approx(example_parts(a[:2], b[:2]).between, rel=0.01)


def test_one_seed_gives_a_difference_and_no_test():
    found = paired_comparison(np.array([0.8]), np.array([0.7]))
    assert found.difference == pytest.approx(0.1)
    assert not found.tested
    assert not found.distinguishable


def test_identical_methods_are_not_distinguishable():
    same = np.array([0.8, 0.7, 0.9])
    assert paired_comparison(same, same).p == 1.0


def test_a_constant_difference_without_bits_is_not_called_certain():
    found = paired_comparison(np.array([0.5, 0.25, 0.75]), np.array([0.25, 0.0, 0.5]))
    assert not found.tested


def test_the_p_value_is_five_percent_where_the_interval_touches_zero():
    rng = np.random.default_rng(2)
    a, b = rng.random((4, 400)) < 0.8, rng.random((4, 400)) < 0.75
    found = paired_comparison(a.mean(1), b.mean(1), (a, b))
    half = (found.high - found.low) / 2
    shifted = paired_comparison(a.mean(1) - found.difference + half, b.mean(1), (a, b))
    assert shifted.p == pytest.approx(0.05, rel=1e-6)


def test_comparisons_with_the_best_are_corrected_together():
    rng = np.random.default_rng(3)
    scores = {name: 0.8 + rng.normal(0, 0.01, 5) for name in "abcd"} | {"z": 0.95 + rng.normal(0, 0.01, 5)}
    found = compare_with_best(scores)
    assert {comparison.against for comparison in found} == {"z"}
    assert all(comparison.p_holm >= comparison.p for comparison in found)
    smallest = min(comparison.p for comparison in found)
    # four comparisons, and five methods of which the best was chosen: ten pairs
    assert min(comparison.p_holm for comparison in found) == pytest.approx(10 * smallest)
    named = compare_with_best(scores, best="z")
    assert min(comparison.p_holm for comparison in named) == pytest.approx(4 * smallest)


def test_a_named_method_can_stand_in_for_the_best():
    scores = {"a": np.array([0.9, 0.91]), "b": np.array([0.8, 0.83])}
    assert [c.method for c in compare_with_best(scores, best="b")] == ["a"]


@pytest.mark.parametrize("between_seeds", [0.0, 0.12])
def test_eight_equal_methods_are_told_apart_from_the_best_in_at_most_five_percent_of_cells(between_seeds):
    rng = np.random.default_rng(5)
    rounds, rows, seeds, false = 150, 400, 3, 0
    for _ in range(rounds):
        ease = rng.normal(0.8, 1, rows)
        bits = {
            name: ease + rng.normal(0, 0.3, rows) + rng.normal(0, between_seeds, (seeds, 1))
            > rng.normal(0, 0.5, (seeds, rows))
            for name in "abcdefgh"
        }
        scores = {name: correct.mean(axis=1) for name, correct in bits.items()}
        false += any(c.distinguishable for c in compare_with_best(scores, bits))
    assert false / rounds <= 0.05


def lopsided(first, second, rows, seeds=2):
    """Correctness where each method is alone right on so many texts of each seed, which
    no other seed shares.
    """
    a, b = np.ones((seeds, rows), dtype=bool), np.ones((seeds, rows), dtype=bool)
    for seed in range(seeds):
        start = seed * (first + second)
        b[seed, start : start + first] = False
        a[seed, start + first : start + first + second] = False
    return a, b


def compared(a, b):
    return paired_comparison(a.mean(1), b.mean(1), (a, b))


def test_two_seeds_that_agree_by_luck_are_no_evidence():
    # each seed loses eleven texts and wins ten of 500: -0.2 points twice, and no text that matters twice
    found = compared(*lopsided(10, 11, 500))
    assert found.difference == pytest.approx(-0.002)
    assert found.deviation == 0
    assert found.p > 0.5
    assert found.low < 0 < found.high


def test_the_floor_is_the_variance_that_texts_leave_where_seeds_do_not_differ():
    # a fresh draw of texts under each seed: S = E = 0, so the variance of the mean is that of one text over n N
    rng = np.random.default_rng(6)
    a, b = rng.random((3, 5000)) < 0.7, rng.random((3, 5000)) < 0.7
    found = compared(a, b)
    assert found.floor == pytest.approx((a.astype(float) - b).var() / 3 / 5000, rel=0.03)


@pytest.mark.parametrize(("gap", "rows"), [(0.2, 3080), (0.135, 7600), (0.9, 20_000)])
@pytest.mark.parametrize("seeds", [2, 3, 20, 50])
def test_a_wide_gap_that_every_seed_shows_alike_is_tested_without_an_overflow(gap, rows, seeds):
    a, b = np.ones((seeds, rows), dtype=bool), np.ones((seeds, rows), dtype=bool)
    for seed in range(seeds):
        b[seed, seed : seed + round(gap * rows)] = False
    found = compared(a, b)
    assert 1e-12 <= found.p <= 0.05
    assert found.low <= found.difference <= found.high


@pytest.mark.parametrize(("texts", "smallest"), [(0, 1.0), (1, 1.0), (3, 0.25), (5, 0.0625), (6, 0.03125)])
def test_no_p_is_below_what_the_texts_that_differ_allow(texts, smallest):
    b = np.ones((4, 300), dtype=bool)
    b[:, :texts] = False
    a = np.ones_like(b)
    assert smallest_p_of_examples(a, b) == smallest
    found = compared(a, b)
    assert found.p >= smallest
    assert (found.low <= 0) == (smallest > 0.05)


@pytest.mark.parametrize(("level", "holds_zero"), [(0.05, False), (0.02, True)])
def test_an_interval_of_a_smaller_error_claims_no_more_than_the_texts_allow(level, holds_zero):
    """Six texts that differ allow a p of 1/32."""
    bits = {"a": np.ones((4, 300), dtype=bool), "b": np.ones((4, 300), dtype=bool)}
    bits["b"][:, :6] = False
    scores = {name: each.mean(axis=1) for name, each in bits.items()}
    (found,) = compare_with_best(scores, bits, "b", level=level)
    assert (found.low <= 0) == holds_zero


def test_texts_on_which_wins_and_losses_even_out_over_seeds_allow_no_smaller_p():
    a = np.array([[1, 0, 1, 1], [0, 1, 1, 1]], dtype=bool)
    b = np.array([[0, 1, 0, 1], [1, 0, 1, 1]], dtype=bool)
    # texts one and two are won once and lost once, text three is won, text four never differs
    assert smallest_p_of_examples(a, b) == 1.0


def test_one_test_text_tells_nothing_apart():
    a, b = np.ones((5, 1), dtype=bool), np.array([[1], [0], [0], [0], [0]], dtype=bool)
    found = compared(a, b)
    assert found.p == 1
    assert found.low <= 0 <= found.high


def test_a_score_that_is_not_a_number_is_not_tested():
    assert not paired_comparison(np.array([0.8, np.nan]), np.array([0.7, 0.7])).tested


def test_rounding_noise_of_equal_differences_does_not_move_the_variances_of_others():
    rng = np.random.default_rng(8)
    scores = {f"m{k}": 0.6 + rng.normal(0, 0.01, 3) for k in range(9)}
    plain = compare_with_best(scores, best="m0")
    shifted = {c.method: c.p for c in compare_with_best(scores | {"shifted": scores["m0"] - 0.1}, best="m0")}
    assert {c.method: c.p for c in plain} == pytest.approx({c.method: shifted[c.method] for c in plain})


@given(seeds=st.integers(2, 50), rows=st.integers(1, 60), gap=st.floats(0, 1), agree=st.booleans(), data=st.data())
def test_no_gap_number_of_seeds_or_texts_breaks_the_test_of_a_cell(seeds, rows, gap, agree, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    draw = rng.random((1 if agree else seeds, rows))
    a = np.ones((seeds, rows), dtype=bool)
    b = np.broadcast_to(draw >= gap, (seeds, rows))
    found = compared(a, b)
    if found.tested:
        assert max(found.smallest_p, 1e-12) <= found.p <= 1
        assert found.low <= found.difference <= found.high
