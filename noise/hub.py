"""Hub noise, in which every class is mistaken for one and the same."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, Within, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._citations import PATRINI_2017
from noise._targets import flipped_to, target_matrix


@register_noise
class Hub(NoiseModel):
    """T[k, k] = 1 - rate and T[k, to] = rate for k ≠ to; class `to`, counted from 0,
    keeps its labels.

    The harsh companion of class imbalance where `to` is the largest class:
    `imbalance(10,order=given)+hub(0.2)`. Counts are exact by class. The share of wrong
    labels in the whole is `rate` times the share of the other classes. A transition
    matrix of the family of Patrini et al., CVPR 2017, arXiv:1609.03683, section 2.
    """

    name = "hub"
    family = "class-dependent"
    citation = PATRINI_2017
    rate: NoiseRate
    to: Annotated[int, Within(0, "last_class")] = 0

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), whose sets are nested across rates."""
        return flipped_to(inputs, self.rate, self._targets(inputs.num_classes))

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the transition matrix of the equation above, float64 (C, C)."""
        return target_matrix(self.rate, self._targets(num_classes))

    def rate_bound(self, num_classes: int) -> float:
        """Give one half, where a class and the hub are equally likely."""
        return 0.5

    def _targets(self, num_classes: int) -> LabelArray:
        return np.full(num_classes, self.to, dtype=np.int64)
