"""How little a text is like any class: for texts that belong to none."""

from __future__ import annotations

import numpy as np

from benchmark.contracts.arrays import FloatArray


def outside_scores(surest: FloatArray) -> FloatArray:
    """Tell how little each text is like any class, float64 (N,), above 0 and at most 1.

    Parameters
    ----------
    surest : the logarithm of the highest probability of a class by each source of the
        rule, (S, N).

    Returns
    -------
    The geometric mean of the ranks as shares of the rows, one rank a source, the
    highest probability first.
    """
    from scipy.stats import rankdata

    ranks = rankdata(-surest, axis=1) / max(surest.shape[1], 1)
    return np.asarray(np.exp(np.log(ranks).mean(axis=0)), dtype=np.float64)
