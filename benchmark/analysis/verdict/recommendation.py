"""What to use on a corpus: method, gain with interval, price, needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from benchmark.analysis.frame import NEED_SEPARATOR
from benchmark.analysis.result_set import ResultSet, computed_once
from benchmark.analysis.statistics import Comparison, compare_with_best
from benchmark.analysis.statistics.within import FEWEST_SEEDS, LEVEL
from benchmark.analysis.verdict.families import Family, families
from benchmark.analysis.verdict.prices import prices_in
from benchmark.analysis.verdict.rule import choose

Standing = Literal["better", "none better", "untested"]
Labels = Literal["clean test labels", "noisy test labels"]
FEW_SEEDS = 3
NOISY = (
    "The test labels are noisy, so this is agreement with them, and a method that learns their errors looks better "
    "than it is."
)


@dataclass(frozen=True, slots=True)
class Gain:
    """What a method brings over the reference, the mean over both rules, as a share.

    The interval allows for the method having been chosen by the same numbers: the
    intervals of all compared methods hold together at 95 %. It is not a number where
    no test was possible.
    """

    method: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RuleGain:
    """What a method brings over the reference under one rule, as shares.

    The interval is of this comparison alone, and `p_holm` is corrected for all.
    """

    rule: str
    mean: float
    reference_mean: float
    difference: float
    low: float
    high: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to use on a corpus.

    `standing` is "better" where a method is recommended that beats the reference, "none
    better" where none does, and "untested" where too few seeds allow no test. In the
    last two `method` is the reference. `gain` is that of the recommended method, else
    of the one with the highest mean, and None where nothing stands beside the
    reference.

    `highest` is the candidate with the highest mean, which a cheaper one may have
    replaced. `not_told_from` holds the ranked methods, best first, that nothing tells
    from the recommended one. `ratio` multiplies the reference's seconds, and `seconds`
    are those of a trial, both None where unknown. `compared` counts the methods beside
    the reference, and `left_out` names those that lack trials here.
    """

    corpus: str
    noises: tuple[str, ...]
    reference: str
    method: str
    standing: Standing
    chosen_by: Labels
    seeds: int
    compared: int
    gain: Gain | None
    by_rule: tuple[RuleGain, ...]
    highest: str
    not_told_from: tuple[str, ...]
    ratio: float | None
    seconds: float | None
    networks: int
    needs: tuple[str, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]


@computed_once
def recommendations(results: ResultSet) -> tuple[Recommendation, ...]:
    """Give one recommendation for each corpus that has noisy cells with the reference.

    A corpus of clean cells alone has none.
    """
    return tuple(_recommended(results, family) for family in families(results))


def _recommended(results: ResultSet, family: Family) -> Recommendation:
    prices = prices_in(results, family.corpus)
    choice = choose(family, prices.ratios, results.metric.practically_equal)
    better = choice.method != family.reference
    gains = gains_of(family)
    told = choice.method if better else max(gains, key=family.score, default=family.reference)
    traits = results.methods.loc[[choice.method]].iloc[0]
    left_out = _left_out(results, family)
    return Recommendation(
        corpus=family.corpus,
        noises=family.noises,
        reference=family.reference,
        method=choice.method,
        standing="better" if better else "untested" if family.seeds < FEWEST_SEEDS else "none better",
        chosen_by="clean test labels" if family.clean_test else "noisy test labels",
        seeds=family.seeds,
        compared=len(gains),
        gain=gains.get(told),
        by_rule=_by_rule(family, told) if told in gains else (),
        highest=choice.highest,
        not_told_from=not_told_from(family, choice.method) if better else (),
        ratio=prices.ratios.get(choice.method),
        seconds=prices.seconds.get(choice.method),
        networks=int(traits["networks"]),
        needs=_needs(results, family.corpus, traits),
        left_out=left_out,
        warnings=_warnings(results, family, left_out),
    )


def gains_of(family: Family) -> Mapping[str, Gain]:
    """Give the gain of every compared method, with intervals that hold together."""
    compared = family.compared
    level = LEVEL / max(len(compared), 1)
    found = compare_with_best(*family.both, family.reference, family.prior, level)
    return {one.method: Gain(one.method, one.difference, one.low, one.high) for one in found if one.method in compared}


def not_told_from(family: Family, method: str) -> tuple[str, ...]:
    """Give the other methods that no test tells from a chosen one, best first.

    The method was chosen by the same numbers, so that any pair of methods could have
    been looked at, and Holm's values count them all.
    """
    pairs_each = len(family.both[0]) / 2
    compared = family.compared
    close = [
        one.method
        for one in compare_with_best(*family.both, method, family.prior)
        if one.method in compared and not (one.tested and pairs_each * one.p_holm <= LEVEL)
    ]
    return tuple(sorted(close, key=family.score, reverse=True))


def _by_rule(family: Family, method: str) -> tuple[RuleGain, ...]:
    return tuple(
        _under(rule, found[method], family.means[rule][method], family.means[rule][family.reference])
        for rule, found in family.by_rule.items()
    )


def _under(rule: str, found: Comparison, mean: float, reference_mean: float) -> RuleGain:
    return RuleGain(rule, mean, reference_mean, found.difference, found.low, found.high, found.p_holm)


def _needs(results: ResultSet, corpus: str, traits: pd.Series) -> tuple[str, ...]:
    """What the method is given beyond noisy training and validation data, in words."""
    declared = str(traits["needs"]).split(NEED_SEPARATOR) if isinstance(traits["needs"], str) else []
    words = [need.replace("_", " ") for need in declared]
    trials = results.trials[(results.trials["method"] == traits.name) & (results.trials["corpus"] == corpus)]
    estimated = (trials["rate_source"] == "estimated").any()
    return (*words, *(["an estimate of the noise rate"] if estimated else []))


def _left_out(results: ResultSet, family: Family) -> tuple[str, ...]:
    """The ranked methods that ran on the corpus' noises, but not in full."""
    trials = results.trials[(results.trials["corpus"] == family.corpus) & (results.trials["noise_kind"] != "clean")]
    ran = set(trials["method"]) - {family.reference, *family.compared}
    return tuple(method for method in results.ranked if method in ran)


def _warnings(results: ResultSet, family: Family, left_out: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    if not family.clean_test:
        found.append(NOISY)
    if FEWEST_SEEDS <= family.seeds < FEW_SEEDS:
        found.append(f"{family.seeds} seeds tell little of how much seeds vary.")
    if family.seeds >= FEWEST_SEEDS and family.reference not in family.both[1]:
        found.append("The intervals know the variance between seeds alone, and not that of the test texts.")
    if left_out:
        found.append(f"Left out, since trials are missing or failed: {', '.join(left_out)}.")
    return tuple(found)
