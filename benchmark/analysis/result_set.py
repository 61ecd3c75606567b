"""One encoder and recipe with all its trials: what tables and figures are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.points import Detail, places_by_cell
from benchmark.analysis.scores.comparable import blocks_of, comparable_values
from benchmark.analysis.scores.in_corpora import compare_in_corpora
from benchmark.analysis.scores.priors import packaged_prior
from benchmark.analysis.scores.reading_order import cells_in_order, methods_in_order
from benchmark.analysis.scores.seed_arrays import NEEDED, SeedArrays, Unpacked, seed_arrays
from benchmark.analysis.statistics import (
    Across,
    Comparison,
    Prior,
    best_mean,
    compare_blocks,
    compare_with_best,
    prior_of,
    sampled_variances,
)
from benchmark.records.metric_specs import CHECKED_TEXTS, PREDICTION_METRICS, MetricSpec

ACCURACY = "test_accuracy"
AGREEMENT = "noisy_test_accuracy"
"""Agreement with noisy test labels: all there is to score by where a corpus has no
clean ones.
"""

TRIAL = ["cell", "method", "seed"]


@dataclass(frozen=True, slots=True)
class CellComparison:
    """What a cell says under one rule: the best ranked methods, and the others compared
    with them.
    """

    best: tuple[str, ...]
    comparisons: dict[str, Comparison]

    def tied_with_best(self, method: str) -> bool:
        """Tell whether nothing tells the method from the best in a cell that has tests.

        A difference that never varies cannot be tested, which is no sign that it is
        more than luck.
        """
        found = self.comparisons.get(method)
        tests = any(comparison.tested for comparison in self.comparisons.values())
        return found is not None and tests and not found.distinguishable


@dataclass(frozen=True)
class ResultSet:
    """The trials of one encoder and recipe, already freed of what must not be averaged
    together.

    `details`: what the frame has no place for; may hold more trials than the frame
    shows. `metric` is what methods are compared by unless a column is named. Results
    that several tables share are computed once and kept.

    Where lower values of the metric are better, comparisons and blocks hold its
    negative, so that a positive difference is always a better score.
    """

    encoder: str
    recipe: str
    frame: pd.DataFrame
    reference: str
    details: Sequence[Detail] = ()
    metric: MetricSpec = PREDICTION_METRICS["accuracy"]

    @property
    def name(self) -> str:
        """Encoder and recipe in words."""
        return f"encoder {self.encoder}, recipe {self.recipe}"

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row a trial."""
        return self.frame.drop_duplicates(TRIAL)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell, in reading order: corpus, clean first, noise kind, rate; with
        its seeds and rates.
        """
        return cells_in_order(self.trials)

    @cached_property
    def noisy_cells(self) -> pd.DataFrame:
        """The rows of `cells` whose noise is not clean."""
        return self.cells[~self.cells["clean"]]

    @cached_property
    def methods(self) -> pd.DataFrame:
        """One row a method, indexed by name: reference first, then families, controls
        and oracles after the rest.

        An oracle twin (`name[rate=oracle]`) follows its method.
        """
        return methods_in_order(self.trials, self.reference)

    @property
    def seed_range(self) -> tuple[int, int]:
        """The smallest and largest number of seeds of a cell."""
        return int(self.cells["seeds"].min()), int(self.cells["seeds"].max())

    @cached_property
    def ranked(self) -> tuple[str, ...]:
        """Methods that may be ranked: neither oracle nor control."""
        methods = self.methods
        return tuple(methods.index[~methods["oracle"] & ~methods["control"]])

    @property
    def without_clean_test(self) -> bool:
        """Whether no trial was scored by clean test labels, and some by noisy ones."""
        return self.holds(AGREEMENT) and not self.holds(ACCURACY)

    @property
    def column(self) -> str:
        """The column that holds the metric of the averaged networks."""
        return self.metric.column()

    @property
    def single_column(self) -> str:
        """The column that holds the metric of single networks."""
        return self.metric.column(single=True)

    @property
    def agreement_column(self) -> str:
        """The column that holds the metric by noisy test labels."""
        return self.metric.column("noisy_test")

    def holds(self, column: str) -> bool:
        """Tell whether any trial has a value in a column."""
        return column in self.frame and bool(self.frame[column].notna().any())

    def details_in(self, cells: Sequence[str]) -> list[Detail]:
        """Give the finished trials of some cells, without those that were set aside."""
        return [self.details[place] for place in sorted({it for cell in cells for it in self._places.get(cell, ())})]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        return places_by_cell(self.trials[self.trials["status"] == "done"], self.details)

    def hardest(self, corpus: str, most: int) -> pd.DataFrame:
        """Give the cells of a corpus that a figure shows: of each noise kind the
        highest rate, at most so many.
        """
        cells = self.cells[(self.cells["corpus"] == corpus) & ~self.cells["clean"]]
        return cells.groupby("noise_kind", sort=True).tail(1).head(most)

    def values(self, rule: str, metric: str) -> pd.DataFrame:
        """Give the rows of one rule with their metric as `value`.

        For one network, single and averaged are the same.
        """
        rows = self.frame[self.frame["rule"] == rule]
        value = rows[metric] if metric in rows else pd.Series(np.nan, index=rows.index)
        if metric.endswith("_single"):
            value = value.where(value.notna() | (rows["networks"] > 1), rows[metric.removesuffix("_single")])
        return rows.assign(value=value)

    def scores(self, rule: str, metric: str | None = None) -> pd.DataFrame:
        """Give a row for each cell and method: mean, std (ddof 1), k of n seeds,
        failed, and whether anything was selected.
        """
        return _scores(self, rule, metric or self.column)

    def verdicts(self, rule: str, metric: str | None = None) -> dict[str, CellComparison]:
        """Give by cell the best among ranked methods with all seeds, and the tests
        against it.
        """
        return _verdicts(self, rule, metric or self.column)

    def against_reference(self, rule: str, metric: str | None = None) -> dict[str, dict[str, Comparison]]:
        """Give by cell and method the test against the reference, with Holm over the
        methods of the cell.
        """
        return _against_reference(self, rule, metric or self.column)

    def prior(self, rule: str, metric: str | None = None) -> Prior:
        """Give what is known of variances between seeds: by all cells, or a packaged
        one.
        """
        return _prior(self, rule, metric or self.column)

    def in_corpora(self, rule: str, metric: str | None = None) -> dict[str, dict[str, Comparison]]:
        """Give by corpus and method the mean difference to the reference over
        noises.
        """
        return _in_corpora(self, rule, metric or self.column)

    def across(self, rule: str, metric: str | None = None) -> Across:
        """Give ranks and tests over blocks, which are corpus by noise kind.

        A block's value is the mean over rates of the mean over seeds. No clean cell
        takes part.

        A method has a block when it has every seed of every cell in it.
        """
        return _across(self, rule, metric or self.column)


@computed_once
def _scores(results: ResultSet, rule: str, metric: str) -> pd.DataFrame:
    key = ["cell", "method"]
    trials = results.trials.assign(failed=results.trials["status"] == "failed")
    scores = trials.groupby(key).agg(trials=("seed", "nunique"), failed=("failed", "sum"))
    rows = results.values(rule, metric)
    found = rows.groupby(key)["value"].agg(["mean", "std", "count"])
    scores = scores.join(found).join(rows.groupby(key).size().rename("selected"))
    scores[["count", "selected"]] = scores[["count", "selected"]].fillna(0).astype(int)
    scores["seeds"] = results.cells["seeds"].reindex(scores.index.get_level_values("cell")).to_numpy()
    scores["complete"] = (scores["count"] == scores["seeds"]) & (scores["count"] > 0)
    return scores


@computed_once
def _verdicts(results: ResultSet, rule: str, metric: str) -> dict[str, CellComparison]:
    found = {}
    for cell, (values, bits) in complete_scores(results, rule, metric).items():
        comparisons = compare_with_best(values, bits, prior=results.prior(rule, metric))
        found[cell] = CellComparison(best_mean(values), {comparison.method: comparison for comparison in comparisons})
    return found


@computed_once
def _against_reference(results: ResultSet, rule: str, metric: str) -> dict[str, dict[str, Comparison]]:
    prior = results.prior(rule, metric)
    return {
        cell: {one.method: one for one in compare_with_best(values, bits, results.reference, prior)}
        for cell, (values, bits) in complete_scores(results, rule, metric).items()
        if results.reference in values
    }


@computed_once
def _prior(results: ResultSet, rule: str, metric: str) -> Prior:
    reference = results.reference
    cells = complete_scores(results, rule, metric).values()
    told = [sampled_variances(values, reference) for values, _ in cells if reference in values]
    packaged = packaged_prior(results.encoder, results.recipe, rule, metric)
    return prior_of([one for one in told if one.degrees_of_freedom], packaged)


@computed_once
def _in_corpora(results: ResultSet, rule: str, metric: str) -> dict[str, dict[str, Comparison]]:
    return compare_in_corpora(results.cells, complete_scores(results, rule, metric), results.reference)


@computed_once
def _across(results: ResultSet, rule: str, metric: str) -> Across:
    blocks, corpora = blocks_of(results.scores(rule, metric), results.cells, metric)
    return compare_blocks(blocks, results.reference, corpora, results.ranked)


@computed_once
def complete_scores(results: ResultSet, rule: str, metric: str) -> dict[str, SeedArrays]:
    """Give by cell the scores and correctness of the ranked methods that have every
    seed.

    Higher scores are better, whatever the metric.
    """
    scores = results.scores(rule, metric)
    complete = scores.index[scores["complete"] & scores.index.get_level_values("method").isin(results.ranked)]
    rows = comparable_values(results.values(rule, metric), metric)[[*dict.fromkeys([*TRIAL, *NEEDED])]]
    rows = rows[pd.MultiIndex.from_frame(rows[["cell", "method"]]).isin(complete)]
    groups = rows.sort_values(TRIAL, kind="stable").groupby("cell")[NEEDED]
    unpacked = _unpacked(results, rule, metric.startswith(CHECKED_TEXTS))
    return {str(cell): seed_arrays(group, unpacked.setdefault(str(cell), {})) for cell, group in groups}


@computed_once
def _unpacked(results: ResultSet, rule: str, checked: bool) -> dict[str, Unpacked]:
    """Give by cell the correctness that was unpacked once, which metrics share."""
    return {}
