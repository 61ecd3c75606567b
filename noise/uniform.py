"""Symmetric noise that counts the label itself among the outcomes."""

from __future__ import annotations

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise.symmetric import Symmetric


@register_noise
class Uniform(NoiseModel):
    """T[k, k] = 1 - rate + rate / C and T[k, j] = rate / C for j ≠ k: symmetric noise
    including self.

    `rate` is nominal, the share of labels drawn anew from all classes. Of all labels
    rate · (C - 1) / C turn wrong, the realised rate of the manifest, with exact counts
    by class: `uniform(0.4)` on ten classes is `symmetric(0.36)`. The convention of
    DivideMix and ELR (arXiv:2002.07394, arXiv:2007.00151), for comparison with their
    figures.
    """

    name = "uniform"
    family = "class-dependent"
    citation = """@inproceedings{li2020dividemix,
  title = {DivideMix: Learning with Noisy Labels as Semi-supervised Learning},
  author = {Li, Junnan and Socher, Richard and Hoi, Steven C. H.},
  booktitle = {International Conference on Learning Representations}, year = {2020}}"""
    rate: NoiseRate

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,); both the set and its targets are nested
        across rates.
        """
        return self._excluding_self(inputs.num_classes).corrupt(inputs)

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the transition matrix of the equation above, float64 (C, C)."""
        return self._excluding_self(num_classes).transition_matrix(num_classes)

    def _excluding_self(self, num_classes: int) -> Symmetric:
        return Symmetric(rate=self.rate * (num_classes - 1) / num_classes)
