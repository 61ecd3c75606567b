"""Holm's step-down correction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.contracts.arrays import FloatArray


def holm(p_values: Sequence[float] | FloatArray) -> FloatArray:
    """Adjust p values, in the order given: the i-th smallest becomes m - i + 1 times as
    large, never falling, at most 1.

    A value that is not a number stands for a test that was not made: it stays so and
    does not count in m.

    >>> holm([0.01, 0.04, 0.03, 0.005]).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    given = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(given.shape, np.nan)
    made = np.flatnonzero(~np.isnan(given))
    ascending = made[np.argsort(given[made], kind="stable")]
    factors = np.arange(len(made), 0, -1)
    adjusted[ascending] = np.minimum(np.maximum.accumulate(given[ascending] * factors), 1.0)
    return adjusted
