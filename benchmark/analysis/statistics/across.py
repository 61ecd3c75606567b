"""Differences across blocks: ranks, Friedman, and signed-rank tests against one
reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from benchmark.analysis.layout.format import plural
from benchmark.analysis.statistics.attainable import blocks_needed, smallest_p
from benchmark.analysis.statistics.holm import holm
from benchmark.contracts.arrays import FloatArray

LEVEL = 0.05
FEWEST_CORPORA = 6
MOST_ENUMERATED = 13
MOST_EXACT = 50
ROUNDING = 1e-11


@dataclass(frozen=True, slots=True)
class AgainstReference:
    """One method against the reference over the blocks that both have; differences are
    shares.

    `low` and `high` bound the mean difference, clustered by corpus, from six corpora
    on; else not numbers. `deviation` is that of the blocks' differences (ddof 1).
    `rank_biserial` is the effect size, see `rank_biserial`.
    """

    method: str
    blocks: int
    wins: int
    ties: int
    losses: int
    difference: float
    p: float = np.nan
    p_holm: float = np.nan
    low: float = np.nan
    high: float = np.nan
    deviation: float = np.nan
    rank_biserial: float = np.nan

    @property
    def claim(self) -> str | None:
        """What the test lets us say, or None; also None where most blocks and the mean
        point to different sides.
        """
        contradictory = (self.wins - self.losses) * self.difference <= 0
        if np.isnan(self.p_holm) or self.p_holm > LEVEL or contradictory:
            return None
        return f"{self.method} is {'better' if self.difference > 0 else 'worse'} than the reference"


@dataclass(frozen=True, slots=True)
class Across:
    """What the blocks say: ranks (1 is best), Friedman's test, and every method against
    the reference.
    """

    reference: str
    blocks: tuple[str, ...]
    ranks: dict[str, float] = field(default_factory=dict)
    unranked: tuple[str, ...] = ()
    friedman_chi2: float = np.nan
    friedman_p: float = np.nan
    iman_davenport_p: float = np.nan
    comparisons: tuple[AgainstReference, ...] = ()
    smallest_p: float = 1.0
    needed: int = 0

    @property
    def decidable(self) -> bool:
        """Whether the family of comparisons can reach the 5 % level at all."""
        return bool(self.comparisons) and self.smallest_p <= LEVEL

    @property
    def verdict(self) -> str:
        """One line: cannot decide, or how many comparisons are significant."""
        if not self.comparisons:
            return f"cannot decide: no block holds both '{self.reference}' and another ranked method in full"
        if not self.decidable:
            return (
                f"cannot decide: {plural(len(self.blocks), 'block')}, {self.needed} needed "
                f"({plural(len(self.comparisons), 'comparison')}; smallest attainable p {self.smallest_p:.3g})"
            )
        claims = sum(1 for comparison in self.comparisons if comparison.claim)
        comparisons, blocks = plural(len(self.comparisons), "comparison"), plural(len(self.blocks), "block")
        return f"{claims} of {comparisons} significant over {blocks}"


def compare_blocks(
    values: pd.DataFrame, reference: str, corpora: Sequence[str] | None = None, ranked: Sequence[str] | None = None
) -> Across:
    """Rank and test a table of blocks (rows) by methods (columns); higher is better,
    NaN is missing.

    `corpora` names each block's corpus for the clustered interval. Only `ranked`
    methods (default: all) get a rank or a comparison. Ranks and Friedman's test use
    methods that have every block; signed-rank tests use the blocks that a method shares
    with the reference. No test is made where the family cannot reach the level.
    """
    methods = [name for name in values.columns if ranked is None or name in ranked]
    if reference not in values.columns:
        return Across(reference, ())
    usable = values[values[reference].notna()]
    others = [name for name in methods if name != reference and bool(usable[name].notna().any())]
    if not others:
        return Across(reference, tuple(str(block) for block in usable.index))
    labels = np.asarray(usable.index if corpora is None else np.asarray(corpora)[values[reference].notna()], dtype=str)
    rows = [_against(name, usable[name].to_numpy() - usable[reference].to_numpy(), labels) for name in others]
    most = max(row.blocks for row in rows)
    attainable = smallest_p(most, len(rows))
    decidable = attainable <= LEVEL
    full = [name for name in methods if bool(usable[name].notna().all())]
    result = Across(
        reference,
        tuple(str(block) for block in usable.index),
        ranks=average_ranks(usable[full]),
        unranked=tuple(name for name in methods if name not in full),
        comparisons=tuple(rows),
        smallest_p=attainable,
        needed=blocks_needed(len(rows)),
    )
    if not decidable:
        return result
    return _tested(result, usable, full, rows)


def average_ranks(values: pd.DataFrame) -> dict[str, float]:
    """Give the mean over blocks of each method's rank, 1 for the highest, midranks for
    ties.
    """
    ranks = values.round(12).rank(axis=1, ascending=False).mean(axis=0)
    return {str(name): float(rank) for name, rank in ranks.items()}


def signed_rank_p(differences: FloatArray) -> float:
    """Give the two-sided p of Wilcoxon's test.

    Zero differences are dropped (zero_method "wilcox"), and p is 1 where all are zero.

    Exact up to 50 differences without ties, and by enumeration up to 13 with ties; else
    the normal approximation.
    """
    # Rounding makes ties of differences that are equal but for the last bits.
    left = np.round(differences[~np.isnan(differences)], 12)
    left = left[left != 0]
    if len(left) == 0:
        return 1.0
    tied = len(np.unique(np.abs(left))) < len(left)
    method: Any = "exact" if not tied and len(left) <= MOST_EXACT else "asymptotic"
    if tied and len(left) <= MOST_ENUMERATED:
        method = stats.PermutationMethod(n_resamples=2**MOST_ENUMERATED)
    return float(stats.wilcoxon(left, zero_method="wilcox", alternative="two-sided", method=method).pvalue)


def rank_biserial(differences: FloatArray) -> float:
    """Give the matched-pairs rank-biserial correlation, the positive minus the negative
    share of the rank sum, -1 to 1.

    Kerby, Comprehensive Psychology 3 (2014), 11.IT.3.1. Zero differences are dropped;
    all zero gives 0.

    >>> rank_biserial(np.array([2.0, 1.0, -3.0]))
    0.0
    """
    left = np.round(differences[~np.isnan(differences)], 12)
    left = left[left != 0]
    if len(left) == 0:
        return 0.0
    ranks = stats.rankdata(np.abs(left))
    return float(np.sum(np.sign(left) * ranks) / ranks.sum())


def clustered_interval(differences: FloatArray, corpora: npt.NDArray[np.str_]) -> tuple[float, float]:
    """Give a 95 % t interval of the mean difference with corpora as the units.

    Its ends are not numbers below six corpora, nor where their means differ by nothing,
    which is no sign of certainty.
    """
    means = pd.Series(differences).groupby(np.asarray(corpora)).mean().dropna()
    deviation = _deviation(np.asarray(means, dtype=np.float64))
    if len(means) < FEWEST_CORPORA or deviation == 0:
        return np.nan, np.nan
    half = float(stats.t.isf(LEVEL / 2, len(means) - 1) * deviation / np.sqrt(len(means)))
    return float(means.mean()) - half, float(means.mean()) + half


def _against(name: str, differences: FloatArray, corpora: npt.NDArray[np.str_]) -> AgainstReference:
    there = ~np.isnan(differences)
    left = np.round(differences[there], 12)
    low, high = clustered_interval(left, corpora[there])
    wins, losses = int((left > 0).sum()), int((left < 0).sum())
    return AgainstReference(
        name,
        len(left),
        wins,
        len(left) - wins - losses,
        losses,
        float(left.mean()),
        low=low,
        high=high,
        deviation=_deviation(left),
        rank_biserial=rank_biserial(left),
    )


def _deviation(values: FloatArray) -> float:
    """Give the standard deviation (ddof 1).

    It is zero where values differ by rounding alone, and not a number below two.
    """
    if len(values) < 2:
        return np.nan
    return float(values.std(ddof=1)) if np.ptp(values) > ROUNDING else 0.0


def _tested(result: Across, usable: pd.DataFrame, full: list[str], rows: list[AgainstReference]) -> Across:
    reference = usable[result.reference].to_numpy()
    raw = [signed_rank_p(usable[row.method].to_numpy() - reference) for row in rows]
    adjusted = holm(raw)
    rows = [replace(row, p=p, p_holm=float(h)) for row, p, h in zip(rows, raw, adjusted, strict=True)]
    chi2, p, davenport = _friedman(usable[full])
    return replace(result, comparisons=tuple(rows), friedman_chi2=chi2, friedman_p=p, iman_davenport_p=davenport)


def _friedman(values: pd.DataFrame) -> tuple[float, float, float]:
    blocks, methods = values.shape
    table = values.round(12).to_numpy()
    if methods < 3 or blocks < 2 or bool((table == table[:, :1]).all()):
        return np.nan, np.nan, np.nan
    chi2, p = stats.friedmanchisquare(*table.T)
    room = blocks * (methods - 1) - chi2
    if room <= 1e-12:
        return float(chi2), float(p), 0.0
    ratio = (blocks - 1) * chi2 / room
    return float(chi2), float(p), float(stats.f.sf(ratio, methods - 1, (methods - 1) * (blocks - 1)))
