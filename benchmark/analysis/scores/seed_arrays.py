"""Scores and correctness of methods by seed, as the tests within a cell take them."""

from __future__ import annotations

import base64
import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.contracts.arrays import BoolArray, FloatArray


class SeedArrays(NamedTuple):
    """Scores (seeds,) and correctness (seeds, test rows), by method.

    A method whose correctness is not known in every seed is in `scores` alone.
    """

    scores: dict[str, FloatArray]
    correct: dict[str, BoolArray]


NEEDED = ["method", "value", "correct", "test_rows"]
"""The columns that the arrays are made from."""

Unpacked = dict[str, BoolArray | None]
"""Correctness by method, None where a method has none."""


def seed_arrays(group: pd.DataFrame, unpacked: Unpacked | None = None) -> SeedArrays:
    """Give the arrays of one cell from rows of `values`, sorted by method and seed.

    What `unpacked` holds of the same rows is taken from there, and what it lacks is
    added to it.
    """
    known = {} if unpacked is None else unpacked
    methods = group["method"].to_numpy(dtype=object)
    scores = group["value"].to_numpy(dtype=np.float64)
    texts = group["correct"].to_numpy(dtype=object)
    sizes = group["test_rows"].to_numpy(dtype=np.float64, na_value=np.nan)
    starts = [0, *(np.flatnonzero(methods[1:] != methods[:-1]) + 1), len(methods)]
    values, bits = {}, {}
    for start, stop in itertools.pairwise(starts):
        method = str(methods[start])
        values[method] = scores[start:stop]
        if method not in known:
            known[method] = _unpack(texts[start:stop], sizes[start:stop])
        if (found := known[method]) is not None:
            bits[method] = found
    return SeedArrays(values, bits)


def _unpack(texts: npt.NDArray[np.object_], sizes: FloatArray) -> BoolArray | None:
    """Give correctness (seeds, test rows), or None where a seed lacks it or the number
    of rows differs.
    """
    if not all(isinstance(text, str) for text in texts) or not (sizes == sizes[0]).all():
        return None
    rows = int(sizes[0])
    packed = [np.frombuffer(base64.b64decode(text), dtype=np.uint8) for text in texts]
    if any(len(line) != -(-rows // 8) for line in packed):
        return None
    return np.unpackbits(np.stack(packed), axis=1, count=rows).astype(bool)
