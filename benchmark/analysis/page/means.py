"""The one table of means: every ranked method by corpus, with its gain and its
interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmark.analysis.layout.format import NONE, metric_gain, metric_text, number
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Mark, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.averages import complete_means
from benchmark.analysis.tables.metrics import MACRO_F1, unevenly_labelled
from benchmark.analysis.verdict import Gain, Recommendation, recommendations
from benchmark.analysis.verdict.families import Family, families
from benchmark.analysis.verdict.prices import prices_in
from benchmark.analysis.verdict.recommendation import gains_of
from benchmark.records.metric_specs import PREDICTION_METRICS, MetricSpec
from benchmark.records.schema import HEADLINE_RULES

NO_BREAK = "\N{NO-BREAK SPACE}"
ALL_WHOLE = 10.0
"""Ratios of seconds from here on are printed without decimals."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A corpus as the first screen shows it: its methods, what they gain, and the
    verdict.

    `gains` is empty where noisy labels are all there is, as they tell nothing of it.
    """

    family: Family
    gains: Mapping[str, Gain]
    found: Recommendation


def standings(results: ResultSet) -> tuple[Standing, ...]:
    """Give what stands of every corpus that has a verdict, in reading order."""
    pairs = zip(families(results), recommendations(results), strict=True)
    return tuple(
        Standing(family, {} if found.standing == "noisy labels" else gains_of(family), found)
        for family, found in pairs
        if found.compared
    )


def means_tables(results: ResultSet, found: tuple[Standing, ...]) -> list[Table]:
    """Give the one table, or none without a verdict.

    Means are over the noisy cells of a corpus and both headline rules.
    """
    if not found:
        return []
    noisy = results.noisy_cells.index
    ratios = prices_in(results, noisy).ratios
    blocks = [block for standing in found for block in _blocks(results, standing, len(found) == 1)]
    time: Block = (Column("time"), lambda name: Cell(ratio_text(ratios.get(name))))
    blocks = [*blocks, time] if len(found) == 1 else [time, *blocks]
    labels = {str(name): label(str(name), method) for name, method in results.methods.iterrows()}
    rows = tuple(Row(labels[name], tuple(cell(name) for _, cell in blocks)) for name in by_mean(found))
    columns = tuple(column for column, _ in blocks)
    title = f"Means over noises{f': {found[0].family.name}' if len(found) == 1 else ' by corpus'}"
    return [Table("means", "headline", title, _caption(results, found), "method", columns, rows)]


def by_mean(found: tuple[Standing, ...]) -> list[str]:
    """Give the reference and the compared methods, highest mean first, those that lack
    a corpus last.
    """
    names = dict.fromkeys(name for one in found for name in (one.family.reference, *one.family.compared))
    scores = {name: [one.family.score(name) for one in found if name in one.family.both.scores] for name in names}
    return sorted(names, key=lambda name: (-len(scores[name]), -float(np.mean(scores[name])), name))


def ratio_text(ratio: float | None) -> str:
    """Give a multiple of the reference's seconds.

    >>> ratio_text(6.41), ratio_text(12.7), ratio_text(None)
    ('6.4×', '13×', '–')
    """
    return NONE if ratio is None else f"{number(ratio, 1 if ratio < ALL_WHOLE else 0)}×"


Block = tuple[Column, Callable[[str], Cell]]


def _blocks(results: ResultSet, standing: Standing, alone: bool) -> Iterator[Block]:
    """Yield each column of a corpus with what gives the cell of a method."""
    family, metric = standing.family, results.metric
    group = "" if alone else family.name
    told = _marks(standing)
    known = {family.reference, *family.compared}

    def mean(name: str) -> Cell:
        value = float(np.mean([family.means[rule][name] for rule in HEADLINE_RULES])) if name in known else np.nan
        return Cell(metric_text(metric, value), told.get(name, ""))

    def gain(name: str) -> Cell:
        return Cell(gain_text(standing.gains.get(name), metric))

    yield Column("agreement" if family.labels == "noisy test labels" else "mean", group), mean
    if MACRO_F1 in _beside(results, standing):
        values = _macro_f1(results, family)
        spec = PREDICTION_METRICS[MACRO_F1]
        yield Column(spec.title, group), lambda name: Cell(metric_text(spec, values.get(name, np.nan)))
    if standing.gains:
        yield Column("gain (95 % interval)", group), gain


def gain_text(gain: Gain | None, metric: MetricSpec) -> str:
    """Give a gain with its interval, where there is one; a line may end between
    them.
    """
    if gain is None:
        return NONE
    amount = metric_gain(metric, gain.difference)
    if not np.isfinite(gain.low):
        return amount
    interval = f"({metric_text(metric, gain.low)} to {metric_text(metric, gain.high)})"
    return f"{amount} {interval.replace(' ', NO_BREAK)}"


def _marks(standing: Standing) -> dict[str, Mark]:
    if standing.found.standing not in ("better", "none better", "checked labels"):
        return {}
    close: dict[str, Mark] = {name: "close" for name in standing.found.not_told_from}
    return close | {standing.found.method: "best"}


def _beside(results: ResultSet, standing: Standing) -> tuple[str, ...]:
    """Give the metric that stands beside the mean where classes are uneven."""
    uneven = standing.family.corpus in unevenly_labelled(results)
    return (
        (MACRO_F1,)
        if uneven and standing.family.labels == "clean test labels" and results.metric.name != MACRO_F1
        else ()
    )


def _macro_f1(results: ResultSet, family: Family) -> dict[str, float]:
    places = family.cells(results)
    column = PREDICTION_METRICS[MACRO_F1].column()
    means = pd.concat([complete_means(results, rule, column).loc[places] for rule in HEADLINE_RULES])
    return {str(name): float(value) for name, value in means.mean().where(means.notna().all()).items()}


def _caption(results: ResultSet, found: tuple[Standing, ...]) -> str:
    metric, reference = results.metric, results.reference
    labels = {one.family.labels for one in found}
    by = " by the labels at hand" if len(labels) > 1 else f" by {labels.pop()}"
    what = metric.heading if by == " by clean test labels" else f"{metric.heading}{by}"
    words = f"{what}, mean over noisy cells and over both ways to stop, the last point and noisy validation labels. "
    if any(one.gains for one in found):
        words += f"Gain: over {reference}; the intervals of all methods hold together at 95 %. "
    words += f"Time: beside that of {reference}."
    if any(_marks(one) for one in found):
        words += " Bold: recommended; underlined: not told apart from it."
    if any(_beside(results, one) for one in found):
        words += " Macro-F1 stands beside it where classes are uneven."
    return words
