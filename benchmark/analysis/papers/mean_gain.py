"""The mean gain of one method over the best of others, with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.result_set import ACCURACY, TRIAL, ResultSet
from benchmark.analysis.scores.seed_arrays import NEEDED, seed_arrays
from benchmark.analysis.statistics.interval import half_width
from benchmark.analysis.statistics.within import FEWEST_SEEDS, LEVEL, ExampleParts, example_parts
from benchmark.analysis.tables.averages import complete_means
from benchmark.contracts.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean difference over cells as a share; `low` and `high` bound it at 95 %, not
    numbers below two seeds.

    `against` names the rival of each cell that was used; `wanted` counts the cells that
    the paper has. `rivals` is the fewest rivals that a used cell has in full.
    `examples`: whether the variance from test examples is in the interval.
    """

    difference: float
    low: float
    high: float
    seeds: int
    against: dict[str, str]
    wanted: int
    rivals: int = 0
    examples: bool = False


@dataclass(frozen=True, slots=True)
class _CellDifference:
    """One cell: difference by seed, and by seed and test example (seeds, N) where that
    is at hand.
    """

    corpus: str
    by_seed: pd.Series[float]
    by_example: FloatArray | None


def mean_gain(
    results: ResultSet, rule: str, cells: Sequence[str], method: str, rivals: Sequence[str], one_rival: bool = False
) -> Gain:
    """Give the mean over cells of `method` less the best complete rival of each cell,
    by mean over seeds.

    With `one_rival` it is less the rival with the best mean over all cells. Cells where
    the method or every rival lacks a seed stay out, and the seeds are those that all
    used cells have. Cells with one corpus share their test examples, so their
    differences are averaged for each example first. Corpora are independent.
    """
    means = complete_means(results, rule).reindex(index=pd.Index(cells), columns=pd.Index([method, *rivals]))
    against = _rivals_of(means, method, rivals, one_rival)
    if not against:
        return Gain(np.nan, np.nan, np.nan, 0, {}, len(cells))
    fewest = int(means.loc[list(against), list(rivals)].notna().sum(axis=1).min())
    found = [_difference(results, rule, cell, method, rival) for cell, rival in against.items()]
    shared = sorted(set.intersection(*(set(cell.by_seed.index) for cell in found)))
    if not shared:
        return Gain(np.nan, np.nan, np.nan, 0, {}, len(cells))
    by_seed = np.mean([cell.by_seed.loc[shared].to_numpy() for cell in found], axis=0)
    mean, seeds = float(by_seed.mean()), len(shared)
    if seeds < FEWEST_SEEDS:
        return Gain(mean, np.nan, np.nan, seeds, against, len(cells), fewest)
    examples = _example_parts(found, shared)
    between, floor = (0.0, 0.0) if examples is None else (examples.between, examples.interaction / seeds)
    half = float(half_width(LEVEL, seeds - 1, float(by_seed.var(ddof=1)) / seeds, between, floor))
    return Gain(mean, mean - half, mean + half, seeds, against, len(cells), fewest, examples is not None)


def _rivals_of(means: pd.DataFrame, method: str, rivals: Sequence[str], one_rival: bool) -> dict[str, str]:
    usable = means[means[method].notna() & means[list(rivals)].notna().any(axis=1)][list(rivals)]
    if usable.empty:
        return {}
    if not one_rival:
        return {str(cell): str(row.idxmax()) for cell, row in usable.iterrows()}
    everywhere = usable.loc[:, usable.notna().all()]
    return {str(cell): str(everywhere.mean().idxmax()) for cell in usable.index} if everywhere.shape[1] else {}


def _difference(results: ResultSet, rule: str, cell: str, method: str, rival: str) -> _CellDifference:
    rows = _rows_by_cell(results, rule)[cell]
    rows = rows[rows["method"].isin([method, rival])]
    values, bits = seed_arrays(rows)
    seeds = rows.loc[rows["method"] == method, "seed"].to_numpy()
    differences = pd.Series(values[method] - values[rival], index=seeds)
    both = method in bits and rival in bits and bits[method].shape == bits[rival].shape
    by_example = bits[method].astype(np.float64) - bits[rival] if both else None
    return _CellDifference(str(rows["corpus"].iloc[0]), differences, by_example)


@computed_once
def _rows_by_cell(results: ResultSet, rule: str) -> dict[str, pd.DataFrame]:
    """Give the rows of each cell in the order of their trials, with what a difference
    is taken from.
    """
    rows = results.values(rule, ACCURACY).sort_values(TRIAL, kind="stable")
    return {str(cell): found for cell, found in rows[["cell", "corpus", "seed", *NEEDED]].groupby("cell")}


def _example_parts(found: Sequence[_CellDifference], seeds: Sequence[int]) -> ExampleParts | None:
    """Give the variance of the mean over cells from which test examples were drawn, or
    None where any cell lacks them.
    """
    by_corpus: dict[str, list[FloatArray]] = {}
    for cell in found:
        if cell.by_example is None:
            return None
        by_corpus.setdefault(cell.corpus, []).append(cell.by_example[cell.by_seed.index.get_indexer(pd.Index(seeds))])
    return _summed(by_corpus, len(found))


def _summed(by_corpus: Mapping[str, Sequence[FloatArray]], cells: int) -> ExampleParts | None:
    between = interaction = 0.0
    for arrays in by_corpus.values():
        if len({array.shape for array in arrays}) > 1:
            return None
        share = np.sum(arrays, axis=0) / cells
        parts = example_parts(share, np.zeros_like(share))
        between, interaction = between + parts.between, interaction + parts.interaction
    return ExampleParts(between, interaction)
