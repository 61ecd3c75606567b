"""Names of array types that several rooms share, and what is read from one by label."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
LabelArray = npt.NDArray[np.int64]
ProbabilityArray = npt.NDArray[np.float32]
EmbeddingArray = npt.NDArray[np.float16]


def at_labels(values: npt.NDArray[Number], labels: LabelArray) -> npt.NDArray[Number]:
    """Give the entry of each row's label: (N,) from (N, C), or (N, K) from (N, K, C).

    >>> at_labels(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 1])).tolist()
    [0.9, 0.6]
    """
    chosen: npt.NDArray[Number] = values[np.arange(len(labels)), ..., labels]
    return chosen
