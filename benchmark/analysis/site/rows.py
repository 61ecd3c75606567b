"""What the pages say of a method in a cell, and of its trials there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from benchmark.analysis.layout.format import NONE, gain_with_range, metric_gain, metric_text, number, points, rule_name
from benchmark.analysis.site.contents import Key, Setting
from benchmark.analysis.statistics import Comparison
from benchmark.analysis.verdict.measured_archives import failing_in
from benchmark.records.schema import HEADLINE_RULES

RULES = tuple((rule, rule_name(rule)) for rule in HEADLINE_RULES)
FEW = 3


@dataclass(frozen=True, slots=True)
class CellRow:
    """A method in a cell, as text: score and gain under each headline rule.

    `mean_gain` is the mean over both rules as a share, and not a number where one of
    them has no gain. `broken` says whether the verdict counts the method as failing in
    this cell.
    """

    cell: str
    method: str
    corpus: str
    noise: str
    rates: str
    scores: tuple[str, ...]
    gains: tuple[str, ...]
    mean_gain: float
    mean_text: str
    broken: bool


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial of a method in a cell, as text: its value under each headline rule."""

    key: Key
    seed: int
    status: str
    values: tuple[str, ...]
    realised: str
    seconds: str


class Rows:
    """The rows of one encoder and recipe.

    The comparisons and scores that they are read from are computed as it is made.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.results = setting.results
        own = None if setting.column == self.results.column else setting.column
        self._against = {rule: self.results.against_reference(rule, own) for rule in HEADLINE_RULES}
        self._scores = {
            rule: {key: row for key, row in self.results.scores(rule, setting.column).iterrows()}
            for rule in HEADLINE_RULES
        }
        broken = failing_in(self.results, "")
        self._broken = {(method, one.corpus, one.noise) for method, cells in broken.items() for one in cells}
        grouped = self.results.frame.groupby(["cell", "method"], sort=False)
        self._frames = {(str(cell), str(method)): rows for (cell, method), rows in grouped}
        self._cells = {str(cell): row for cell, row in self.results.cells.iterrows()}

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Each cell and method that has a trial, cells in reading order."""
        ran = self.results.trials.groupby("cell")["method"].agg(set)
        order = list(map(str, self.results.methods.index))
        return [(cell, method) for cell in self._cells for method in order if method in ran[cell]]

    def of_method(self, method: str) -> list[CellRow]:
        """Give the rows of a method, one a cell, in reading order."""
        return [self.row(cell, one) for cell, one in self.pairs if one == method]

    def of_cell(self, cell: str) -> list[CellRow]:
        """Give the rows of a cell, one a method, in the order of the result set."""
        return [self.row(one, method) for one, method in self.pairs if one == cell]

    def row(self, cell: str, method: str) -> CellRow:
        """Give what a method did in a cell."""
        place = self._cells[cell]
        metric = self.results.metric
        found = [self._against[rule].get(cell, {}).get(method) for rule in HEADLINE_RULES]
        both = [one.difference for one in found if one is not None]
        mean = sum(both) / len(both) if len(both) == len(found) else math.nan
        corpus, noise = str(place["corpus"]), str(place["noise"])
        return CellRow(
            cell=cell,
            method=method,
            corpus=corpus,
            noise=noise,
            rates=f"{number(float(place['requested_rate']))} → {number(float(place['realised_rate']), 3)}",
            scores=tuple(self._score(rule, cell, method) for rule in HEADLINE_RULES),
            gains=tuple(self._gain(one) for one in found),
            mean_gain=mean,
            mean_text=metric_gain(metric, mean),
            broken=(method, corpus, noise) in self._broken,
        )

    def trials(self, cell: str, method: str) -> Iterator[TrialRow]:
        """Yield the trials of a method in a cell, by seed."""
        mine = self._frames[cell, method]
        for trial, rows in mine.sort_values(["seed", "trial"], kind="stable").groupby("trial", sort=False):
            first = rows.iloc[0]
            by_rule = dict(zip(rows["rule"], rows[self.setting.column], strict=True))
            yield TrialRow(
                key=(str(trial), str(first["status"]), str(first["created"])),
                seed=int(first["seed"]),
                status=str(first["status"]),
                values=tuple(metric_text(self.results.metric, by_rule.get(rule, math.nan)) for rule in HEADLINE_RULES),
                realised=points(float(first["realised_rate"])),
                seconds=number(float(first["wall_s"]), 1),
            )

    def _score(self, rule: str, cell: str, method: str) -> str:
        """Mean and deviation over seeds, with the number of seeds where some lack."""
        row = self._scores[rule].get((cell, method))
        if row is None or not row["count"]:
            return NONE
        metric = self.results.metric
        mean, spread = metric_text(metric, float(row["mean"])), metric_text(metric, float(row["std"]))
        some = "" if row["complete"] else f" ({int(row['count'])}/{int(row['seeds'])})"
        return f"{mean} ± {spread}{some}" if spread != NONE else f"{mean}{some}"

    def _gain(self, found: Comparison | None) -> str:
        if found is None:
            return NONE
        return gain_with_range(self.results.metric, found.difference, found.low, found.high)


def best_and_worst(rows: list[CellRow]) -> tuple[list[CellRow], list[CellRow]]:
    """Give the cells in which a method gained most, and those in which it lost most.

    There may be fewer of either, or none.
    """
    known = [row for row in rows if not math.isnan(row.mean_gain)]
    ordered = sorted(known, key=lambda row: (-row.mean_gain, row.corpus, row.noise))
    best = [row for row in ordered if row.mean_gain > 0][:FEW]
    worst = [row for row in ordered[::-1] if row.mean_gain < 0][:FEW]
    return best, worst
