"""Names of array types that several rooms share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
LabelArray = npt.NDArray[np.int64]
ProbabilityArray = npt.NDArray[np.float32]
EmbeddingArray = npt.NDArray[np.float16]
