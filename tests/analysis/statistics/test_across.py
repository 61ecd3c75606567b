from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmark.analysis.statistics import AgainstReference, compare_blocks, exploratory_pairs
from benchmark.analysis.statistics.across import clustered_interval, rank_biserial, signed_rank_p


def blocks(count, methods=4, seed=0, lift=None):
    rng = np.random.default_rng(seed)
    table = rng.normal(0.8, 0.05, (count, 1)) + rng.normal(0, 0.02, (count, methods))
    frame = pd.DataFrame(table, columns=["ce", *(f"m{i}" for i in range(1, methods))])
    frame.index = [f"block {i}" for i in range(count)]
    for name, by in (lift or {}).items():
        frame[name] += by
    return frame


def test_signed_rank_p_agrees_with_scipy_without_ties():
    differences = np.random.default_rng(0).normal(0.3, 1, 12)
    assert signed_rank_p(differences) == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue)


def test_signed_rank_p_agrees_with_a_textbook_example():
    # Siegel's eight twins: T = 4 with n = 8, two-sided p = 14 / 256
    differences = np.array([19, 27, -1, 6, 7, 13, -4, 3], dtype=float)
    assert signed_rank_p(differences) == pytest.approx(14 / 256)


def test_tied_differences_are_tested_exactly_by_enumeration():
    # all six equal and positive: only 2 of 64 patterns of signs are as extreme
    assert signed_rank_p(np.full(6, 0.1)) == pytest.approx(2 / 64)


def test_zero_differences_are_dropped_and_all_zero_is_no_evidence():
    assert signed_rank_p(np.array([0, 0, 1, 2, 3, 4, 5, 6.5])) == pytest.approx(2 / 64)
    assert signed_rank_p(np.zeros(9)) == 1.0


def test_with_five_blocks_the_verdict_is_that_nothing_can_be_decided():
    result = compare_blocks(blocks(5, methods=2, lift={"m1": 0.5}), "ce")
    assert not result.decidable
    assert result.verdict.startswith("cannot decide: 5 blocks, 6 needed")
    assert np.isnan(result.comparisons[0].p)
    assert result.comparisons[0].claim is None


def test_a_method_that_wins_every_block_is_claimed_once_there_are_enough():
    result = compare_blocks(blocks(10, lift={"m1": 0.5, "m2": -0.5}), "ce")
    claims = {c.method: c.claim for c in result.comparisons}
    assert claims["m1"] == "m1 is better than the reference"
    assert claims["m2"] == "m2 is worse than the reference"
    assert {c.method: (c.wins, c.ties, c.losses) for c in result.comparisons}["m1"] == (10, 0, 0)


def test_friedman_and_ranks_agree_with_scipy():
    table = blocks(12)
    result = compare_blocks(table, "ce")
    expected = stats.friedmanchisquare(*table.to_numpy().T)
    assert (result.friedman_chi2, result.friedman_p) == pytest.approx((expected.statistic, expected.pvalue))
    ranks = stats.rankdata(-table.to_numpy(), axis=1).mean(axis=0)
    assert list(result.ranks.values()) == pytest.approx(ranks.tolist())


def test_iman_davenport_agrees_with_the_hand_worked_formula():
    result = compare_blocks(blocks(12), "ce")
    ratio = 11 * result.friedman_chi2 / (12 * 3 - result.friedman_chi2)
    assert result.iman_davenport_p == pytest.approx(stats.f.sf(ratio, 3, 33))


def test_a_method_that_lacks_a_block_has_no_rank_but_is_compared_where_it_can_be():
    table = blocks(12)
    table.iloc[0, 1] = np.nan
    result = compare_blocks(table, "ce")
    assert result.unranked == ("m1",)
    assert "m1" not in result.ranks
    assert {c.method: c.blocks for c in result.comparisons} == {"m1": 11, "m2": 12, "m3": 12}


def test_methods_that_may_not_be_ranked_are_neither_ranked_nor_compared():
    result = compare_blocks(blocks(12), "ce", ranked=["ce", "m1"])
    assert set(result.ranks) == {"ce", "m1"}
    assert [c.method for c in result.comparisons] == ["m1"]


def test_intervals_are_clustered_by_corpus_and_need_six():
    rng = np.random.default_rng(1)
    differences = rng.normal(0, 1, 12)
    assert np.isnan(clustered_interval(differences, np.repeat(list("abcde"), [3, 3, 2, 2, 2]))[0])
    means = differences.reshape(6, 2).mean(axis=1)
    expected = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert clustered_interval(differences, np.repeat(list("abcdef"), 2)) == pytest.approx((expected.low, expected.high))


def test_the_rank_biserial_agrees_with_a_hand_worked_case():
    # Siegel's twins again: negative ranks 1 and 3 of 36, so (32 - 4) / 36
    differences = np.array([19, 27, -1, 6, 7, 13, -4, 3], dtype=float)
    assert rank_biserial(differences) == pytest.approx(28 / 36)
    assert rank_biserial(-differences) == pytest.approx(-28 / 36)
    assert (rank_biserial(np.ones(4)), rank_biserial(np.zeros(3))) == (1.0, 0.0)


def family_wise_false_positives(rounds):
    """The share of rounds in which any of eight equal methods is claimed to differ,
    over twelve blocks.
    """
    results = (compare_blocks(blocks(12, methods=8, seed=seed), "ce") for seed in range(rounds))
    return sum(any(c.claim for c in result.comparisons) for result in results) / rounds


def test_eight_equal_methods_over_twelve_blocks_are_claimed_different_in_at_most_five_percent():
    rounds = 80
    assert family_wise_false_positives(rounds) * rounds <= stats.binom.isf(0.001, rounds, 0.05)


@pytest.mark.slow
def test_in_four_hundred_repeats_no_more_than_five_percent_hold_a_false_claim():
    assert family_wise_false_positives(400) <= 0.05


def test_all_pairs_agree_with_scipy_and_are_corrected_over_all_of_them():
    table = blocks(12, methods=4, lift={"m1": 0.1})
    found = exploratory_pairs(table)
    assert len(found) == 6
    expected = {(p.first, p.second): stats.wilcoxon(table[p.first] - table[p.second]).pvalue for p in found}
    assert {(p.first, p.second): p.p for p in found} == pytest.approx(expected)
    gaps = {(p.first, p.second): (table[p.first] - table[p.second]).mean() for p in found}
    assert {(p.first, p.second): p.difference for p in found} == pytest.approx(gaps)
    assert all(p.rank_biserial * p.difference > 0 for p in found if "m1" in (p.first, p.second))
    smallest = min(found, key=lambda p: p.p)
    assert smallest.p_holm == pytest.approx(6 * smallest.p)
    assert all(p.p_holm >= p.p for p in found)


def test_pairs_use_the_blocks_that_both_have_and_no_others():
    table = blocks(8, methods=3)
    table.iloc[:3, 1] = np.nan
    table.iloc[3:, 2] = np.nan
    found = {(p.first, p.second): p.blocks for p in exploratory_pairs(table)}
    assert found == {("ce", "m1"): 5, ("ce", "m2"): 3}


def stepped(differences):
    """A reference and one method for each list of differences, NaN where the method
    lacks the block.
    """
    base = np.linspace(0.5, 0.6, len(next(iter(differences.values()))))
    return pd.DataFrame({"ce": base} | {name: base + np.array(by) for name, by in differences.items()})


def test_each_method_has_the_corrected_p_of_its_own_raw_p():
    steps = np.arange(1, 9) / 100
    table = stepped({
        "undecided": steps * [1, -1, 1, -1, 1, -1, 1, -1],
        "always": steps,
        "mostly": steps * [-1, 1, 1, 1, 1, 1, 1, 1],
    })  # fmt: skip
    found = {c.method: c for c in compare_blocks(table, "ce").comparisons}
    # eight blocks: 2 / 256 where all agree, 4 / 256 where the smallest dissents; rank sums 16 and 20 otherwise
    undecided = stats.wilcoxon(steps * [1, -1, 1, -1, 1, -1, 1, -1]).pvalue
    assert found["always"].p_holm == pytest.approx(3 * 2 / 256)
    assert found["mostly"].p_holm == pytest.approx(2 * 4 / 256)
    assert found["undecided"].p_holm == pytest.approx(undecided)


def test_with_gaps_the_method_with_most_blocks_says_what_the_family_can_reach():
    gaps = [np.nan] * 7
    table = stepped({"full": list(np.arange(1, 11) / 100), "sparse": [*gaps, 0.01, 0.02, 0.03]})
    found = compare_blocks(table, "ce")
    assert found.smallest_p == 2 * 2 / 2**10
    assert found.decidable
    by_name = {c.method: c for c in found.comparisons}
    assert by_name["full"].p_holm == pytest.approx(2 * 2 / 2**10)
    assert by_name["sparse"].blocks == 3
    assert by_name["sparse"].p == pytest.approx(2 / 2**3)


def test_with_gaps_wins_difference_and_interval_are_over_the_blocks_that_are_there():
    differences = [0.01, np.nan, 0.02, 0.03, -0.04, np.nan, 0.05, 0.06, 0.0]
    table = stepped({"m": differences, "other": list(np.arange(9) / 100)})
    corpora = ["a", "a", "b", "c", "d", "d", "e", "f", "f"]
    found = compare_blocks(table, "ce", corpora).comparisons[0]
    there = [d for d in differences if d == d]
    assert (found.wins, found.ties, found.losses) == (5, 1, 1)
    assert found.difference == pytest.approx(np.mean(there))
    assert found.deviation == pytest.approx(np.std(there, ddof=1))
    means = [0.01, 0.02, 0.03, -0.04, 0.05, 0.03]
    expected = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_blocks_that_the_reference_lacks_are_left_out_with_their_corpora():
    table = stepped({"m": list(np.arange(1, 8) / 100)})
    table.index = [f"block {i}" for i in range(7)]
    table.loc["block 0", "ce"] = np.nan
    found = compare_blocks(table, "ce", list("aabcdef"))
    assert found.blocks == tuple(f"block {i}" for i in range(1, 7))
    expected = stats.ttest_1samp(np.arange(2, 8) / 100, 0).confidence_interval(0.95)
    one = found.comparisons[0]
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high))


def test_a_mean_difference_of_nothing_is_no_claim_whatever_p_says():
    wins = AgainstReference("m", blocks=8, wins=7, ties=0, losses=1, difference=0.0, p=0.01, p_holm=0.01)
    assert wins.claim is None
    assert replace(wins, difference=-0.1).claim is None
    assert replace(wins, difference=0.1).claim == "m is better than the reference"


def test_equal_blocks_have_no_deviation_and_no_interval():
    found = compare_blocks(stepped({"m": [0.3] * 7}), "ce", list("abcdefg")).comparisons[0]
    assert found.deviation == 0
    assert np.isnan(found.low)


def test_one_comparison_over_one_block_is_counted_in_the_singular():
    verdict = compare_blocks(stepped({"m": [0.3]}), "ce").verdict
    assert "1 block, 6 needed" in verdict
    assert "1 comparison;" in verdict
