import numpy as np

from benchmark.analysis.scores.in_corpora import MeanArrays
from benchmark.analysis.statistics import Comparison, Prior
from benchmark.analysis.verdict.families import Family
from benchmark.analysis.verdict.rule import candidates, choose

POINT = 0.01
SEEDS = np.array([-0.001, 0.0, 0.001, 0.0, 0.0])


def compared(method, difference, p_holm):
    return Comparison(method, "cross_entropy", 5, difference, p=p_holm, p_holm=p_holm)


def family(gains, p_holm=None, spread=0.0):
    """Methods of known gains over a reference at 0.6, with p values by rule."""
    rng = np.random.default_rng(0)
    told = p_holm or {}
    values = {"cross_entropy": 0.6 + SEEDS}
    values |= {name: 0.6 + gain + SEEDS + spread * rng.normal(size=5) for name, gain in gains.items()}
    by_rule = {
        rule: {name: compared(name, gain, told.get(name, (0.001, 0.001))[place]) for name, gain in gains.items()}
        for place, rule in enumerate(("last", "noisy_valid"))
    }
    return Family(
        "trec", ("symmetric(0.4)",), "cross_entropy", by_rule, {}, MeanArrays(values, {}), Prior(), "clean test labels"
    )


def test_a_candidate_is_better_under_both_rules():
    found = family({"a": 0.05, "b": 0.05, "c": -0.05}, {"a": (0.01, 0.04), "b": (0.01, 0.06)})
    assert candidates(found) == ("a",)


def test_without_a_candidate_the_reference_is_chosen():
    found = family({"a": 0.05, "b": 0.05}, {"a": (0.2, 0.001), "b": (0.001, 0.2)})
    assert choose(found, {}, POINT).method == "cross_entropy"


def test_the_highest_mean_is_chosen_where_it_is_the_cheapest():
    found = family({"a": 0.05, "b": 0.048}, spread=0.0003)
    assert choose(found, {"a": 2.0, "b": 3.0}, POINT).method == "a"


def test_a_cheaper_one_within_a_point_is_preferred():
    found = family({"a": 0.05, "b": 0.048, "c": 0.047}, spread=0.0003)
    chosen = choose(found, {"a": 5.0, "b": 3.0, "c": 2.0}, POINT)
    assert chosen.method == "c"
    assert chosen.highest == "a"


def test_a_cheaper_one_more_than_a_point_below_is_not_preferred():
    assert choose(family({"a": 0.05, "b": 0.035}, spread=0.0003), {"a": 5.0, "b": 1.0}, POINT).method == "a"


def near(deviation, **others):
    """A dear method and a cheaper one that is a little below it, with this deviation of
    their differences, and other cheaper ones of known gains.
    """
    found = family({"a": 0.05, "b": 0.048, **others})
    found.both.scores["b"] = found.both.scores["b"] + deviation * np.array([1.0, -1.0, 1.0, -1.0, 0.0])
    return choose(found, {"a": 5.0, "b": 1.0} | dict.fromkeys(others, 2.0), POINT).method


def test_a_cheaper_one_that_merely_cannot_be_told_apart_is_not_preferred():
    """Its interval reaches 2.2 or 1.0 points further down."""
    assert near(0.018) == "a"
    assert near(0.005) == "b"


def test_intervals_of_all_cheaper_ones_hold_together():
    """At 5 % the interval ends at -0.9 points, at a third of it at -1.2."""
    assert near(0.0056) == "b"
    assert near(0.0056, c=0.02, d=0.02) == "a"


def test_a_method_of_unknown_price_is_never_the_cheaper():
    assert choose(family({"a": 0.05, "b": 0.0499}, spread=0.0003), {"a": 5.0}, POINT).method == "a"
