import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmark.analysis.statistics import compare_blocks, paired_comparison, power_across, power_within


@pytest.mark.parametrize(("seeds", "difference"), [(3, 0.02), (5, 0.01), (10, 0.008)])
def test_without_example_variance_the_power_is_that_of_the_noncentral_t(seeds, difference):
    centre = difference * np.sqrt(seeds) / 0.01
    at = stats.t.isf(0.025, seeds - 1)
    expected = stats.nct.sf(at, seeds - 1, centre) + stats.nct.cdf(-at, seeds - 1, centre)
    assert power_within.power(difference, seeds, 0.01) == pytest.approx(expected, abs=0.003)


def test_without_seed_variance_the_power_is_that_of_the_normal_test():
    # 2.8 standard errors, two-sided 5 %: .80, the textbook case
    assert power_within.power(2.8016, 4, 0.0, 1.0) == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize(("seeds", "example_variance"), [(3, 0.0), (3, 1e-4), (5, 2.5e-5)])
def test_the_smallest_detectable_difference_has_the_power_promised_and_needs_the_seeds_at_hand(seeds, example_variance):
    found = power_within.smallest_detectable(seeds, 0.01, example_variance)
    assert power_within.power(found, seeds, 0.01, example_variance) == pytest.approx(0.8, abs=1e-6)
    assert power_within.seeds_needed(found * 1.0001, 0.01, example_variance) == seeds


def test_more_seeds_cannot_replace_test_texts():
    assert power_within.seeds_needed(0.01, 0.01, 0.01**2) is None
    assert power_within.seeds_needed(0.03, 0.01, 0.01**2) is not None
    assert power_within.smallest_detectable(1, 0.01) == math.inf


@pytest.mark.parametrize("seeds", [3, 5])
def test_a_planted_difference_in_a_cell_is_found_at_the_predicted_power(seeds):
    rng = np.random.default_rng(seeds)
    repetitions, rows, between, lead = 400, 400, 0.02, 0.06
    # true variances of this world: examples lean one way for every seed, seeds differ, the rest is chance
    lean = rng.normal(0, 0.2, 200_000)
    per_example = (0.2 + (lean + lead) / 2).clip(0, 1) - (0.2 - (lean + lead) / 2).clip(0, 1)
    residual = 0.4 - np.mean(per_example**2)
    deviation, example_variance = np.sqrt(between**2 + residual / rows), per_example.var() / rows
    found = 0
    for _ in range(repetitions):
        chance = rng.normal(0, 0.2, rows)[None, :] + rng.normal(0, between, seeds)[:, None] + lead
        draw = rng.random((seeds, rows))
        a, b = draw < 0.2 + chance / 2, draw > 0.8 + chance / 2
        found += paired_comparison(a.mean(1), b.mean(1), (a, b)).p <= 0.05
    predicted = power_within.power(per_example.mean(), seeds, float(deviation), float(example_variance))
    assert 0.3 < predicted < 0.95
    assert found / repetitions == pytest.approx(predicted, abs=3.5 * np.sqrt(0.25 / repetitions))


def test_the_critical_rank_sums_are_the_textbook_ones():
    # Wilcoxon's table, two-sided 5 %: n = 6, 8, 10, 12, 15, 20
    found = [power_across._critical_sum(n, 0.05) for n in (6, 8, 10, 12, 15, 20)]
    assert found == [0, 3, 8, 13, 25, 52]
    assert power_across._critical_sum(5, 0.05) is None


def test_two_seeds_are_the_fewest_and_a_thousand_the_most_that_are_asked_for():
    assert power_within.seeds_needed(1.0, 0.01) == 2
    least = power_within.smallest_detectable(1000, 0.01)
    assert power_within.seeds_needed(least * (1 + 1e-6), 0.01) == 1000
    assert power_within.seeds_needed(least * (1 - 1e-6), 0.01) is None


def test_the_null_distribution_of_three_blocks_is_the_one_written_out_by_hand():
    # sums 0 to 6 of the ranks 1, 2, 3: only 3 arises twice, as 3 and as 1 + 2
    assert power_across._null_counts(3).tolist() == [1, 1, 1, 2, 1, 1, 1]


def test_the_power_of_a_cell_counts_what_texts_leave_to_chance_where_seeds_did_not_differ():
    told = power_within.power(0.02, 3, 0.0, interaction=0.01**2)
    assert told == pytest.approx(power_within.power(0.02, 3, 0.01, interaction=0.01**2))
    assert told < 1
    found = power_within.smallest_detectable(3, 0.0, interaction=0.01**2)
    assert power_within.power(found, 3, 0.0, interaction=0.01**2) == pytest.approx(0.8, abs=1e-6)
    assert power_within.seeds_needed(found * 1.0001, 0.0, interaction=0.01**2) == 3


def test_no_effect_is_found_at_the_attained_level():
    counts = power_across._null_counts(12)
    level = 2 * counts[:14].sum() / 2**12
    assert power_across.power(0.0, 12) == pytest.approx(level, abs=3.5 * np.sqrt(0.05 / power_across.DRAWS))


def test_five_blocks_detect_nothing_however_large():
    assert power_across.smallest_detectable_effect(5) == math.inf
    assert power_across.smallest_detectable_effect(9, comparisons=19) == math.inf


def test_the_detectable_effect_has_the_power_promised_and_needs_the_blocks_at_hand():
    effect = power_across.smallest_detectable_effect(12)
    assert power_across.power(effect, 12) == pytest.approx(0.8, abs=0.002)
    assert power_across.blocks_for(effect) in (11, 12)
    assert power_across.blocks_for(0.01) is None


@pytest.mark.parametrize("methods", [2, 8])
def test_a_planted_difference_across_blocks_is_found_at_the_predicted_power(methods):
    # all methods but one are far worse or equal; with one comparison Holm's first step is the whole correction
    rng = np.random.default_rng(methods)
    repetitions, blocks, effect = 1000 // methods, 12, 1.2
    found = 0
    for _ in range(repetitions):
        values = pd.DataFrame(rng.normal(0, 1, (blocks, methods)), columns=["ce", *map(str, range(1, methods))])
        values["1"] = values["ce"] + effect + rng.normal(0, 1, blocks)
        result = compare_blocks(values, "ce")
        found += next(c.p for c in result.comparisons if c.method == "1") * (methods - 1) <= 0.05
    predicted = power_across.power(effect, blocks, comparisons=methods - 1)
    assert found / repetitions == pytest.approx(predicted, abs=3.5 * np.sqrt(0.25 / repetitions))
