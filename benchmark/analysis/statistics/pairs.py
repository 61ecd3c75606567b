"""All pairs of methods across blocks: exploratory, for looking and not for claims."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pandas as pd

from benchmark.analysis.statistics.across import rank_biserial, signed_rank_p
from benchmark.analysis.statistics.attainable import smallest_p
from benchmark.analysis.statistics.holm import holm


@dataclass(frozen=True, slots=True)
class Pair:
    """One method against another over the blocks that both have.

    The difference is first minus second, a share.
    """

    first: str
    second: str
    blocks: int
    difference: float
    rank_biserial: float
    p: float
    p_holm: float


def exploratory_pairs(values: pd.DataFrame) -> tuple[Pair, ...]:
    """Every pair of columns of a table of blocks by methods, by two-sided signed-rank
    tests with Holm over all pairs.

    No reference was named beforehand, so nothing found here is a claim. NaN is a
    missing block. A pair without a common block is left out. Where the family cannot
    reach 5 % at all, see `smallest_p_of_pairs`.
    """
    found = []
    for first, second in itertools.combinations(map(str, values.columns), 2):
        differences = (values[first] - values[second]).dropna().to_numpy()
        if len(differences):
            p, effect = signed_rank_p(differences), rank_biserial(differences)
            found.append(Pair(first, second, len(differences), float(differences.mean()), effect, p, p))
    adjusted = holm([pair.p for pair in found])
    return tuple(replace(pair, p_holm=float(p)) for pair, p in zip(found, adjusted, strict=True))


def smallest_p_of_pairs(blocks: int, methods: int) -> float:
    """The smallest Holm-adjusted p that all pairs of so many methods can reach.

    >>> round(smallest_p_of_pairs(blocks=9, methods=8), 3)
    0.109
    """
    return smallest_p(blocks, methods * (methods - 1) // 2)
