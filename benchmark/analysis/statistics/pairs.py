"""All pairs of methods across blocks: exploratory, for looking and not for claims."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pandas as pd

from benchmark.analysis.statistics.across import rank_biserial, signed_rank_p
from benchmark.analysis.statistics.holm import holm


@dataclass(frozen=True, slots=True)
class Pair:
    """One method against another over the blocks that both have; the difference is
    first minus second, a share.
    """

    first: str
    second: str
    blocks: int
    difference: float
    rank_biserial: float
    p: float
    p_holm: float


def exploratory_pairs(values: pd.DataFrame) -> tuple[Pair, ...]:
    """Compare every pair of columns of a table of blocks by methods, by two-sided
    signed-rank tests with Holm over all pairs.

    No reference was named beforehand, so nothing found here is a claim. NaN is a
    missing block, and a pair without a common block is left out. `smallest_p` says
    where the family cannot reach 5 % at all.
    """
    found = []
    for first, second in itertools.combinations(map(str, values.columns), 2):
        differences = (values[first] - values[second]).dropna().to_numpy()
        if len(differences):
            p, effect = signed_rank_p(differences), rank_biserial(differences)
            found.append(Pair(first, second, len(differences), float(differences.mean()), effect, p, p))
    adjusted = holm([pair.p for pair in found])
    return tuple(replace(pair, p_holm=float(p)) for pair, p in zip(found, adjusted, strict=True))
