"""What a page on two methods opens with: which is better here, by how much, at what
price.

Both methods were named beforehand, so nothing allows for a choice. Gains are means over
the noisy cells of each corpus and over both headline rules. Over several corpora they
are averaged, and their intervals joined as independent: the statement is about these
corpora, where the test across blocks is about others.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.analysis.compare.measure import compared, shared_rows
from benchmark.analysis.layout.format import metric_gain, plural
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.scores.in_corpora import MeanArrays, mean_of
from benchmark.analysis.scores.seed_arrays import seed_arrays
from benchmark.analysis.statistics import Comparison
from benchmark.analysis.tables.costs import cost_ratios
from benchmark.analysis.verdict.data import scaled
from benchmark.analysis.verdict.sentences import AT, interval, times
from benchmark.records.metric_specs import MetricSpec
from benchmark.records.schema import HEADLINE_RULES


@dataclass(frozen=True, slots=True)
class PairGain:
    """The gain of the first method over the second, as a share, with its interval."""

    difference: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """Which is better beyond luck: 1 the first, -1 the second, 0 unknown."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What is known of two methods on the corpora at hand.

    `better` is the method that is better beyond luck under both rules, None where
    neither is or where one of the two is never ranked. `ratio` multiplies the seconds
    of the second to give those of the first.
    """

    first: str
    second: str
    better: str | None
    gain: PairGain
    by_rule: dict[str, PairGain]
    corpora: int
    cells: int
    ratio: float | None


def pair_verdict(results: ResultSet, pair: tuple[str, str], metric: str) -> PairVerdict | None:
    """Compare two methods, ranked or not, over the seeds that both have.

    None where they share no cell with a score. Clean cells count only where there are
    no noisy ones.
    """
    by_rule = {rule: _corpora(results, pair, rule, metric) for rule in HEADLINE_RULES}
    shared = [corpus for corpus in by_rule[HEADLINE_RULES[0]] if all(corpus in found for found in by_rule.values())]
    if not shared:
        return None
    priors = {rule: results.prior(rule, metric) for rule in HEADLINE_RULES}
    rules = {
        rule: _joined([compared(found[corpus], pair, priors[rule]) for corpus in shared])
        for rule, found in by_rule.items()
    }
    both = [mean_of([found[corpus] for found in by_rule.values()]) for corpus in shared]
    widest = max(priors.values(), key=lambda prior: prior.variance)
    gain = _joined([compared(arrays, pair, widest) for arrays in both])
    signs = {found.sign for found in rules.values()}
    ranked = all(method in results.ranked for method in pair)
    better = {1: pair[0], -1: pair[1]}.get(signs.pop()) if ranked and len(signs) == 1 else None
    cells = sum(len(mine) for corpus, mine in _cells(results).items() if corpus in shared)
    return PairVerdict(*pair, better, gain, rules, len(shared), cells, _ratio(results, pair))


def pair_sentence(found: PairVerdict, metric: MetricSpec) -> str:
    """Say in one sentence which method is better, by how much and at what price."""
    first, second, gain, ratio = found.first, found.second, found.gain, found.ratio
    if found.better == second:
        first, second, gain = second, first, PairGain(-gain.difference, -gain.high, -gain.low)
        ratio = None if ratio is None else 1 / ratio
    amount = f"{metric_gain(metric, gain.difference)} {metric.unit}{interval(gain.low, gain.high, metric)}"
    where = f"on average over {plural(found.cells, 'cell')}"
    where += f" of {found.corpora} corpora" if found.corpora > 1 else ""
    price = "" if ratio is None else f"; {first} takes {times(ratio)} the time of {second}"
    return f"{_standing(found, first, second)}: {amount} {where}{price}."


def _standing(found: PairVerdict, first: str, second: str) -> str:
    """Tell which method is better, or why that is not said."""
    if found.better:
        return f"{first} is better than {second}"
    if math.isnan(found.gain.low):
        return f"{first} against {second} is not tested with one seed"
    told = [rule for rule, gain in found.by_rule.items() if gain.sign]
    if not told:
        return f"{first} and {second} are not told apart"
    if len(told) == 1:
        return f"{first} and {second} are told apart {AT[told[0]]} alone"
    if len({gain.sign for gain in found.by_rule.values()}) > 1:
        return f"{first} and {second} are each better under one way to stop"
    return f"{first} against {second}, of which one is never ranked"


def pair_data(results: ResultSet, found: PairVerdict) -> dict[str, Any]:
    """Give the verdict as what JSON holds, amounts in the unit of the metric."""
    metric = results.metric
    setting = {"encoder": results.encoder, "recipe": results.recipe, "metric": metric.name, "unit": metric.unit}
    return {**setting, "sentence": pair_sentence(found, metric), **scaled(dataclasses.asdict(found), metric)}


def _corpora(results: ResultSet, pair: tuple[str, str], rule: str, metric: str) -> dict[str, MeanArrays]:
    """Give means over the noisy cells of each corpus, over the seeds that all of them
    share.
    """
    rows = dict(shared_rows(results, pair, rule, metric))
    found = {}
    for corpus, cells in _cells(results).items():
        mine = [rows[cell] for cell in cells if cell in rows]
        seeds = set.intersection(*(set(each["seed"]) for each in mine)) if mine else set()
        if seeds:
            found[corpus] = mean_of([seed_arrays(each[each["seed"].isin(seeds)]) for each in mine])
    return found


def _cells(results: ResultSet) -> dict[str, list[str]]:
    """Give the noisy cells by corpus, or all where none is noisy."""
    cells = results.noisy_cells if len(results.noisy_cells) else results.cells
    return {str(corpus): list(mine.index) for corpus, mine in cells.groupby("corpus", sort=False)}


def _joined(found: Sequence[Comparison]) -> PairGain:
    """Give the mean over corpora, with half widths that add in squares."""
    mean = float(np.mean([one.difference for one in found]))
    half = math.sqrt(sum(((one.high - one.low) / 2) ** 2 for one in found)) / len(found)
    return PairGain(mean, mean - half, mean + half)


def _ratio(results: ResultSet, pair: tuple[str, str]) -> float | None:
    trials = results.trials[results.trials["method"].isin(pair) & (results.trials["status"] == "done")]
    ratio = cost_ratios(trials[trials["wall_s"].notna()], pair[1]).get(pair[0], math.nan)
    return float(ratio) if math.isfinite(ratio) and ratio > 0 else None
