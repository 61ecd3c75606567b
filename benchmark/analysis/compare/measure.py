"""Two methods side by side under one selection rule: within each cell, across blocks,
and what could be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmark.analysis.result_set import TRIAL, ResultSet
from benchmark.analysis.scores.comparable import blocks_of, comparable_values
from benchmark.analysis.scores.in_corpora import MeanArrays
from benchmark.analysis.scores.seed_arrays import SeedArrays, seed_arrays
from benchmark.analysis.statistics import (
    Across,
    AgainstReference,
    Comparison,
    Posterior,
    Prior,
    bayesian_signed_rank,
    compare_blocks,
    holm,
    paired_comparison,
)
from benchmark.analysis.statistics.power_across import blocks_for, smallest_detectable_effect
from benchmark.analysis.statistics.power_within import seeds_needed, smallest_detectable
from benchmark.records.metric_specs import MetricSpec


@dataclass(frozen=True, slots=True)
class CellPair:
    """Two methods in one cell, over the seeds that both finished; shares, not points.

    `seeds` is how many the cell has. `detectable` is found with 80 % power at 5 %
    before Holm, infinite where no test is possible; `needed` is how many seeds a
    difference of the region of practical equivalence takes, None: no number.
    """

    cell: str
    name: str
    seeds: int
    means: tuple[float, float]
    comparison: Comparison
    detectable: float
    needed: int | None


@dataclass(frozen=True, slots=True)
class AcrossPair:
    """Two methods across blocks: the test, the posterior, and what could be found;
    differences are shares.

    `found` and `posterior` are None where no block holds both methods in full.
    """

    across: Across
    found: AgainstReference | None
    posterior: Posterior | None
    corpora: int
    detectable: float
    needed: int | None

    @property
    def decided(self) -> float:
        """The mean difference where the test lets us claim one, else 0."""
        return self.found.difference if self.found is not None and self.found.claim else 0.0


@dataclass(frozen=True, slots=True)
class RulePair:
    """Two methods under one rule and metric."""

    rule: str
    cells: tuple[CellPair, ...]
    across: AcrossPair
    metric: MetricSpec

    def count(self, sign: int) -> int:
        """Count the cells in which the first method is better (1) or worse (-1) beyond
        luck, after Holm over the cells.
        """
        sure = [cell.comparison for cell in self.cells if cell.comparison.distinguishable]
        return sum(1 for comparison in sure if comparison.difference * sign > 0)

    @property
    def tested(self) -> int:
        """Cells in which a test was possible."""
        return sum(1 for cell in self.cells if cell.comparison.tested)


def measure(results: ResultSet, pair: tuple[str, str], rule: str, metric: str, rope: float) -> RulePair:
    """Give everything that is known of two methods under a rule.

    `rope` is a share, and the difference asked about.
    """
    prior = results.prior(rule, metric)
    cells = [
        _in_cell(results, pair, name, rows, rope, prior) for name, rows in shared_rows(results, pair, rule, metric)
    ]
    adjusted = holm([cell.comparison.p for cell in cells])
    corrected = tuple(
        replace(cell, comparison=replace(cell.comparison, p_holm=float(p)))
        for cell, p in zip(cells, adjusted, strict=True)
    )
    return RulePair(rule, corrected, _across(results, pair, rule, metric, rope), results.metric)


def shared_rows(results: ResultSet, pair: Sequence[str], rule: str, metric: str) -> list[tuple[str, pd.DataFrame]]:
    """Give by cell, in reading order, the rows of the seeds for which both methods have
    a value.
    """
    rows = comparable_values(results.values(rule, metric), metric)
    rows = rows[rows["method"].isin(pair) & rows["value"].notna()]
    both = rows.groupby(["cell", "seed"])["method"].transform("nunique") == len(pair)
    groups = {str(cell): group.sort_values(TRIAL, kind="stable") for cell, group in rows[both].groupby("cell")}
    return [(str(cell), groups[str(cell)]) for cell in results.cells.index if str(cell) in groups]


def compared(arrays: SeedArrays | MeanArrays, pair: tuple[str, str], prior: Prior) -> Comparison:
    """Compare two methods over their seeds, by test texts too where both have these."""
    values, bits = arrays
    first, second = pair
    same = first in bits and second in bits and bits[first].shape == bits[second].shape
    return paired_comparison(values[first], values[second], (bits[first], bits[second]) if same else None, pair, prior)


def _in_cell(
    results: ResultSet, pair: tuple[str, str], cell: str, rows: pd.DataFrame, rope: float, prior: Prior
) -> CellPair:
    arrays = seed_arrays(rows)
    found = compared(arrays, pair, prior)
    place = results.cells.loc[[cell]].iloc[0]
    better = 1.0 if results.metric.higher_is_better else -1.0
    variances = {
        "deviation": found.deviation,
        "example_variance": found.example_variance or 0.0,
        "interaction": found.interaction,
    }
    return CellPair(
        cell=cell,
        name=f"{place['corpus']} {place['noise']}",
        seeds=int(place["seeds"]),
        means=(better * float(arrays.scores[pair[0]].mean()), better * float(arrays.scores[pair[1]].mean())),
        comparison=found,
        detectable=smallest_detectable(found.seeds, **variances) if found.tested else np.inf,
        needed=seeds_needed(rope, **variances) if found.tested else None,
    )


def _across(results: ResultSet, pair: tuple[str, str], rule: str, metric: str, rope: float) -> AcrossPair:
    blocks, corpora = blocks_of(results.scores(rule, metric), results.cells, metric)
    first, second = pair
    values = blocks.reindex(columns=[first, second])
    whole = values.notna().all(axis=1).to_numpy()
    values, labels = values[whole], [corpus for corpus, holds in zip(corpora, whole, strict=True) if holds]
    across = compare_blocks(values, second, labels)
    found = next(iter(across.comparisons), None)
    if found is None:
        return AcrossPair(across, None, None, 0, np.inf, None)
    posterior = bayesian_signed_rank((values[first] - values[second]).to_numpy(), rope)
    varies = found.deviation > 0
    detectable = found.deviation * smallest_detectable_effect(found.blocks) if varies else np.inf
    needed = blocks_for(round(rope / found.deviation, 6)) if varies else None
    return AcrossPair(across, found, posterior, len(set(labels)), detectable, needed)
