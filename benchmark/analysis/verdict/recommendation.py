"""What to use on a corpus: method, gain with interval, price, needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.frame import needs_of
from benchmark.analysis.layout.format import metric_gain
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics import Comparison, compare_with_best
from benchmark.analysis.statistics.within import FEWEST_SEEDS, LEVEL
from benchmark.analysis.verdict.archives import Failing, failing_of, fallback
from benchmark.analysis.verdict.families import Family, Labels, families, named
from benchmark.analysis.verdict.next_step import NextStep, next_step
from benchmark.analysis.verdict.prices import Prices, prices_in
from benchmark.analysis.verdict.rule import Choice, choose
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import HEADLINE_RULES

Standing = Literal["better", "none better", "untested", "checked labels", "noisy labels"]
FEW_SEEDS = 3
OBSERVED = "observed"
COLUMNS: Mapping[Labels, Callable[[ResultSet], str]] = {
    "clean test labels": lambda results: results.column,
    "checked labels": lambda results: results.metric.column(CHECKED_TEXTS),
    "noisy test labels": lambda results: results.agreement_column,
}
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
    """What to use on a corpus, and under which kind of noise where it has both.

    `standing` is "better" where a method is recommended that beats the reference, "none
    better" where none does, and "untested" where too few seeds allow no test. In the
    last two `method` is the reference. "checked labels" stands where those chose the
    highest mean, which may be the reference, and `checked` counts them. "noisy labels"
    stands where noisy test labels are all there is under observed noise, which cannot
    choose: `method` is then the one that the archives fix beforehand. `gain` is that of
    the recommended method, else of the one with the highest mean. It is None where
    nothing can be said of it.

    `highest` is the candidate with the highest mean, which a cheaper one may have
    replaced. `not_told_from` holds the ranked methods, best first, that nothing tells
    from the recommended one. `ratio` multiplies the reference's seconds, and `seconds`
    are those of a trial, both None where unknown. `compared` counts the methods beside
    the reference, and `left_out` names those that lack trials here. `next_step` is what
    would settle what is open, None where more seeds would not. `failing` are cells of
    the archives in which the recommended method was far below the reference.
    """

    corpus: str
    kind: str
    noises: tuple[str, ...]
    reference: str
    method: str
    standing: Standing
    chosen_by: Labels
    checked: int
    seeds: int
    compared: int
    gain: Gain | None
    by_rule: tuple[RuleGain, ...]
    highest: str
    not_told_from: tuple[str, ...]
    ratio: float | None
    seconds: float | None
    networks: int | None
    needs: tuple[str, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    next_step: NextStep | None
    failing: tuple[Failing, ...]

    @property
    def name(self) -> str:
        """The corpus, with the kind of noise where it has both."""
        return named(self.corpus, self.kind)


@computed_once
def recommendations(results: ResultSet) -> tuple[Recommendation, ...]:
    """Give one recommendation for each family of noisy cells with the reference.

    A corpus of clean cells alone has none.
    """
    return tuple(_recommended(results, family.with_correctness()) for family in families(results))


def _recommended(results: ResultSet, family: Family) -> Recommendation:
    prices = prices_in(results, family.cells(results))
    noisy_alone = family.labels == "noisy test labels"
    cannot_choose = noisy_alone and any(noise.startswith(OBSERVED) for noise in family.noises)
    chosen = (
        Choice(*[fallback().method] * 2)
        if cannot_choose
        else choose(family, prices.ratios, results.metric.practically_equal)
    )
    better = chosen.method != family.reference and not cannot_choose
    gains = {} if cannot_choose else gains_of(family)
    told = chosen.method if better else max(gains, key=family.score, default="")
    close = not_told_from(family, chosen.method) if better else ()
    below = list(_below(results, family, chosen.method)) if better else []
    known = chosen.method in results.methods.index
    left_out = _left_out(results, family)
    return Recommendation(
        corpus=family.corpus,
        kind=family.kind,
        noises=family.noises,
        reference=family.reference,
        method=chosen.method,
        standing="noisy labels" if cannot_choose else _standing(family, better),
        chosen_by=family.labels,
        checked=family.checked,
        seeds=family.seeds,
        compared=len(family.compared),
        gain=gains.get(told),
        by_rule=_by_rule(family, told) if told in gains else (),
        highest=chosen.highest,
        not_told_from=close,
        ratio=prices.ratios.get(chosen.method),
        seconds=prices.seconds.get(chosen.method),
        networks=int(results.methods.loc[[chosen.method], "networks"].iloc[0]) if known else None,
        needs=_needs(results, family, chosen.method) if known else (),
        left_out=left_out,
        warnings=_warnings(family, left_out, cannot_choose, below),
        next_step=_next_step(results, family, chosen.method, close, prices),
        failing=failing_of(chosen.method),
    )


def _next_step(
    results: ResultSet, family: Family, method: str, close: Sequence[str], prices: Prices
) -> NextStep | None:
    """Give the next step by clean labels alone, as seeds settle nothing by noisy ones
    and little by few checked ones.
    """
    if family.labels != "clean test labels":
        return None
    return next_step(results, family, method, close, prices.seconds)


def _standing(family: Family, better: bool) -> Standing:
    if family.labels == "checked labels":
        return "checked labels"
    if better:
        return "better"
    return "untested" if family.seeds < FEWEST_SEEDS else "none better"


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
    pairs_each = len(family.both.scores) / 2
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


def _needs(results: ResultSet, family: Family, method: str) -> tuple[str, ...]:
    """Say what the method is given beyond noisy training and validation data."""
    words = needs_of(results.methods.loc[[method]].iloc[0])
    mine = results.trials["cell"].isin(family.cells(results))
    trials = results.trials[mine & (results.trials["method"] == method)]
    estimated = (trials["rate_source"] == "estimated").any()
    return (*words, *(["an estimate of the noise rate"] if estimated else []))


def _left_out(results: ResultSet, family: Family) -> tuple[str, ...]:
    """Give the ranked methods that ran on the family's noises, but not in full."""
    trials = results.trials[results.trials["cell"].isin(family.cells(results))]
    ran = set(trials["method"]) - {family.reference, *family.compared}
    return tuple(method for method in results.ranked if method in ran)


def _below(results: ResultSet, family: Family, method: str) -> Iterator[str]:
    """Yield the noises under which a method is more than practically below the
    reference.
    """
    metric = results.metric
    column = COLUMNS[family.labels](results)
    means = pd.concat([results.scores(rule, column)["mean"] for rule in HEADLINE_RULES], axis=1).mean(axis=1)
    sign = 1 if metric.higher_is_better else -1
    for cell, noise in results.cells.loc[family.cells(results), "noise"].items():
        difference = sign * float(means.loc[str(cell), method] - means.loc[str(cell), family.reference])
        if difference < -metric.practically_equal:
            yield f"{noise} ({metric_gain(metric, difference)} {metric.unit})"


def _warnings(family: Family, left_out: tuple[str, ...], cannot_choose: bool, below: Sequence[str]) -> tuple[str, ...]:
    found = []
    if below:
        found.append(f"Not everywhere: it is below {family.reference} under {' and '.join(below)}.")
    if family.labels == "noisy test labels" and not cannot_choose:
        found.append(NOISY)
    if FEWEST_SEEDS <= family.seeds < FEW_SEEDS:
        found.append(f"{family.seeds} seeds tell little of how much seeds vary.")
    if family.seeds >= FEWEST_SEEDS and family.reference not in family.both.correct:
        found.append("The intervals know the variance between seeds alone, and not that of the test texts.")
    if left_out:
        found.append(f"Left out, since trials are missing or failed: {', '.join(left_out)}.")
    return tuple(found)
