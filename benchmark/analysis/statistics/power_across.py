"""What the signed-rank test over blocks can find: its power, the smallest detectable
difference, the blocks it takes.

Differences of blocks are taken as normal; an effect is their mean over their standard
deviation. The null distribution is exact, the power is counted over fixed draws, so
that equal questions get equal answers.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy import special

from benchmark.analysis.statistics.attainable import blocks_needed, smallest_p
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.seeds import generator

LEVEL = 0.05
POWER = 0.8
DRAWS = 4000
MOST_BLOCKS = 400
MOST_EXACT = 50
LARGEST_EFFECT = 16.0
HALVINGS = 24


def power(effect: float, blocks: int, comparisons: int = 1, level: float = LEVEL) -> float:
    """Give the probability that the first step of Holm over so many comparisons finds
    an effect with so many blocks.

    >>> power(3.0, blocks=5), power(3.0, blocks=12) > 0.99
    (0.0, True)
    """
    critical = _critical_sum(blocks, level / comparisons)
    if critical is None:
        return 0.0
    shifted = _draws(blocks) + effect
    ranks = np.abs(shifted).argsort(axis=1).argsort(axis=1) + 1
    positive = np.where(shifted > 0, ranks, 0).sum(axis=1)
    smaller = np.minimum(positive, blocks * (blocks + 1) // 2 - positive)
    return float(np.mean(smaller <= critical))


@cache
def smallest_detectable_effect(blocks: int, comparisons: int = 1, level: float = LEVEL) -> float:
    """Give the effect that is found with 80 % power, infinite where the family cannot
    reach the level at all.
    """
    if smallest_p(blocks, comparisons) > level:
        return math.inf
    low, high = 0.0, LARGEST_EFFECT
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if power(middle, blocks, comparisons, level) < POWER else (low, middle)
    return high


@cache
def blocks_for(effect: float, comparisons: int = 1, level: float = LEVEL) -> int | None:
    """Give the fewest blocks with which an effect is found with 80 % power, or None
    where even 400 do not do.
    """
    low, high = blocks_needed(comparisons, level) - 1, MOST_BLOCKS
    if power(effect, high, comparisons, level) < POWER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if power(effect, middle, comparisons, level) < POWER else (low, middle)
    return high


def _critical_sum(blocks: int, level: float) -> int | None:
    """Give the largest smaller rank sum whose two-sided p is within the level, or
    None.
    """
    if blocks > MOST_EXACT:
        mean, variance = blocks * (blocks + 1) / 4, blocks * (blocks + 1) * (2 * blocks + 1) / 24
        return math.floor(mean + float(special.ndtri(level / 2)) * math.sqrt(variance))
    cumulative = np.cumsum(_null_counts(blocks)) * 2.0 ** (1 - blocks)
    below = int(np.searchsorted(cumulative, level, side="right"))
    return below - 1 if below else None


@cache
def _null_counts(blocks: int) -> FloatArray:
    """Tell how many of the 2^n patterns of signs give each sum of positive ranks."""
    counts = np.zeros(blocks * (blocks + 1) // 2 + 1)
    counts[0] = 1
    for rank in range(1, blocks + 1):
        counts[rank:] = counts[rank:] + counts[:-rank]
    return counts


def _draws(blocks: int) -> FloatArray:
    return generator("power across blocks", blocks).standard_normal((DRAWS, blocks))
