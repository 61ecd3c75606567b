"""Scores and correctness of methods by seed, as the tests within a cell take them."""

from __future__ import annotations

import base64
import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd

SeedArrays = tuple[dict[str, npt.NDArray[np.float64]], dict[str, npt.NDArray[np.bool_]]]
NEEDED = ["method", "value", "correct", "test_rows"]
"""The columns that the arrays are made from."""


def seed_arrays(group: pd.DataFrame) -> SeedArrays:
    """Scores (seeds,) and correctness (seeds, test rows) by method, from rows of
    `values` sorted by method and seed.
    """
    methods = group["method"].to_numpy(dtype=object)
    scores = group["value"].to_numpy(dtype=np.float64)
    texts = group["correct"].to_numpy(dtype=object)
    sizes = group["test_rows"].to_numpy(dtype=np.float64, na_value=np.nan)
    starts = [0, *(np.flatnonzero(methods[1:] != methods[:-1]) + 1), len(methods)]
    values, bits = {}, {}
    for start, stop in itertools.pairwise(starts):
        values[str(methods[start])] = scores[start:stop]
        unpacked = _unpack(texts[start:stop], sizes[start:stop])
        if unpacked is not None:
            bits[str(methods[start])] = unpacked
    return values, bits


def _unpack(texts: npt.NDArray[np.object_], sizes: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_] | None:
    """Correctness (seeds, test rows), or None where a seed lacks it or the number of
    rows differs.
    """
    if not all(isinstance(text, str) for text in texts) or not (sizes == sizes[0]).all():
        return None
    rows = int(sizes[0])
    packed = [np.frombuffer(base64.b64decode(text), dtype=np.uint8) for text in texts]
    if any(len(line) != -(-rows // 8) for line in packed):
        return None
    return np.unpackbits(np.stack(packed), axis=1, count=rows).astype(bool)
