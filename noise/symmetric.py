"""Symmetric noise: every wrong class is equally likely."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._counts import chosen_by_class


@register_noise
class Symmetric(NoiseModel):
    """T[k, k] = 1 - rate and T[k, j] = rate / (C - 1) for j ≠ k.

    The flip never returns the label itself, so the requested rate is the realised one;
    counts are exact by class. van Rooyen, Menon & Williamson, NeurIPS 2015,
    arXiv:1505.07634.
    """

    name = "symmetric"
    family = "class-dependent"
    citation = """@inproceedings{vanrooyen2015unhinged,
  title = {Learning with Symmetric Label Noise: The Importance of Being Unhinged},
  author = {van Rooyen, Brendan and Menon, Aditya Krishna and Williamson, Robert C.},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2015}}"""
    rate: NoiseRate

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,); both the set and its targets are nested
        across rates.
        """
        clean, classes = inputs.clean_labels, inputs.num_classes
        flipped = chosen_by_class(self.rate, clean, classes, inputs.draws.uniform("flip"))
        step = 1 + np.floor(inputs.draws.uniform("target") * (classes - 1)).astype(np.int64)
        return np.where(flipped, (clean + step) % classes, clean).astype(np.int64)

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the transition matrix of the equation above, float64 (C, C)."""
        off_diagonal = self.rate / max(num_classes - 1, 1)
        matrix = np.full((num_classes, num_classes), off_diagonal)
        np.fill_diagonal(matrix, 1.0 - self.rate if num_classes > 1 else 1.0)
        return matrix

    def rate_bound(self, num_classes: int) -> float:
        """Give (C - 1) / C, where every row of T is uniform."""
        return (num_classes - 1) / num_classes
