import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmark.analysis.statistics import compare_blocks
from benchmark.analysis.statistics.across import clustered_interval, signed_rank_p


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
    assert np.isnan(result.comparisons[0].p) and result.comparisons[0].claim is None


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
    assert result.unranked == ("m1",) and "m1" not in result.ranks
    assert {c.method: c.blocks for c in result.comparisons} == {"m1": 11, "m2": 12, "m3": 12}


def test_methods_that_may_not_be_ranked_are_neither_ranked_nor_compared():
    result = compare_blocks(blocks(12), "ce", ranked=["ce", "m1"])
    assert set(result.ranks) == {"ce", "m1"} and [c.method for c in result.comparisons] == ["m1"]


def test_intervals_are_clustered_by_corpus_and_need_six():
    rng = np.random.default_rng(1)
    differences = rng.normal(0, 1, 12)
    assert np.isnan(clustered_interval(differences, np.repeat(list("abcde"), [3, 3, 2, 2, 2]))[0])
    means = differences.reshape(6, 2).mean(axis=1)
    expected = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert clustered_interval(differences, np.repeat(list("abcdef"), 2)) == pytest.approx((expected.low, expected.high))


def test_no_false_claim_more_often_than_five_percent_when_all_methods_are_equal():
    rounds = 300
    false = sum(
        any(c.claim for c in compare_blocks(blocks(9, methods=5, seed=seed), "ce").comparisons)
        for seed in range(rounds)
    )
    assert false <= stats.binom.isf(0.001, rounds, 0.05)
