"""Shares of a training in whole epochs."""

from __future__ import annotations

import math


def whole_epochs(share: float, epochs: int) -> int:
    """Give the number of whole epochs that hold a share of `epochs`.

    >>> whole_epochs(0.3, 10), whole_epochs(0.25, 10)
    (3, 3)
    """
    # A product such as 0.07 · 100 exceeds its whole number by one last bit.
    return math.ceil(share * epochs - 1e-9)
