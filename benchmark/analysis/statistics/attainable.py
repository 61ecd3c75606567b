"""What a family of signed-rank tests can show at best, known before any result."""

from __future__ import annotations

import math


def smallest_p(blocks: int, comparisons: int) -> float:
    """Give the smallest Holm-adjusted p that a family of exact two-sided signed-rank
    tests can reach.

    With n blocks the most extreme of 2^n sign patterns has p = 2 / 2^n, and the first
    step of Holm multiplies it by the number of comparisons.

    >>> smallest_p(blocks=5, comparisons=1)
    0.0625
    """
    if blocks < 1 or comparisons < 1:
        return 1.0
    return min(1.0, comparisons * 2.0 ** (1 - blocks))


def blocks_needed(comparisons: int, level: float = 0.05) -> int:
    """Give the smallest number of blocks with which a family of this size can reach the
    level.

    >>> blocks_needed(comparisons=1), blocks_needed(comparisons=19)
    (6, 10)
    """
    return 1 + math.ceil(math.log2(max(comparisons, 1) / level))
