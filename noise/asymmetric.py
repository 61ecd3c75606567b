"""Asymmetric noise: every class is mistaken for the next one."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._targets import flipped_to, target_matrix


@register_noise
class Asymmetric(NoiseModel):
    """Pair flip: T[k, k] = 1 - rate and T[k, (k + 1) mod C] = rate.

    All flips read the clean labels, so no flip follows another. Counts are exact by
    class. Han et al., NeurIPS 2018, arXiv:1804.06872, appendix A.
    """

    name = "asymmetric"
    family = "class-dependent"
    citation = """@inproceedings{han2018coteaching,
  title = {Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy Labels},
  author = {Han, Bo and Yao, Quanming and Yu, Xingrui and Niu, Gang and Xu, Miao and Hu, Weihua and Tsang, Ivor and
            Sugiyama, Masashi},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2018}}"""
    rate: NoiseRate

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), whose sets are nested across rates."""
        return flipped_to(inputs, self.rate, _next(inputs.num_classes))

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the transition matrix of the equation above, float64 (C, C)."""
        return target_matrix(self.rate, _next(num_classes))

    def rate_bound(self, num_classes: int) -> float:
        """Give one half, where a class and its successor are equally likely."""
        return 0.5


def _next(num_classes: int) -> LabelArray:
    return (np.arange(num_classes) + 1) % num_classes
