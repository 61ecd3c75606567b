"""Labels as they are: the price of robustness is read from this column."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, register_noise
from benchmark.contracts.arrays import FloatArray


@register_noise
class Clean(NoiseModel):
    """ỹ = y."""

    name = "clean"
    family = "class-dependent"

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give a copy of the clean labels, int64 (N,)."""
        return inputs.clean_labels.astype(np.int64, copy=True)

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the identity, float64 (C, C)."""
        return np.eye(num_classes)
