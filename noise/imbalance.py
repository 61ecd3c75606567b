"""Class imbalance: training and validation texts are dropped until class sizes fall off
exponentially.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from benchmark.contracts import UNLABELLED, LabelArray, NoiseInputs, NoiseModel, at_least, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._counts import ranks_by_class


@register_noise
class Imbalance(NoiseModel):
    """n_k = n_max · ratio^(-rank(k) / (C - 1)): the first class in order keeps `ratio`
    times the texts of the last.

    n_max is the largest that every class can follow, so that the profile is exact also
    where the corpus is imbalanced itself. Each class keeps one text at least. `order`:
    `random`, drawn from the seed, the same for all splits and ratios, or `given`, by
    class number. Labels stay as they are and test stays whole; put label noise behind
    it: `imbalance(10)+symmetric(0.4)`. Cui et al., CVPR 2019, arXiv:1901.05555, section
    5.1 (long-tailed CIFAR).
    """

    name = "imbalance"
    family = "class imbalance"
    citation = """@inproceedings{cui2019classbalanced,
  title = {Class-Balanced Loss Based on Effective Number of Samples},
  author = {Cui, Yin and Jia, Menglin and Lin, Tsung-Yi and Song, Yang and Belongie, Serge},
  booktitle = {CVPR}, year = {2019}}"""
    ratio: Annotated[float, at_least(1)]
    order: Literal["random", "given"] = "random"

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the clean labels, int64 (N,), and -1 for texts that are dropped."""
        clean, classes = inputs.clean_labels, inputs.num_classes
        ranks = np.arange(classes)
        if self.order == "random":
            ranks = inputs.draws.shared("class order").permutation(classes)
        counts = np.bincount(clean, minlength=classes)
        sizes = class_sizes(counts, self.ratio, ranks)
        kept = ranks_by_class(clean, counts, inputs.draws.uniform("keep")) < sizes[clean]
        return np.where(kept, clean, UNLABELLED).astype(np.int64)

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the identity, float64 (C, C)."""
        return np.eye(num_classes)

    def stream_name(self) -> str:
        """Name one stream for all ratios, so that the class order stays."""
        return self.name


def class_sizes(counts: LabelArray, ratio: float, ranks: LabelArray) -> LabelArray:
    """Tell how many examples each class keeps, int64 (C,); absent classes do not bind
    the others.

    >>> class_sizes(np.array([100, 50, 80]), 4.0, np.array([0, 1, 2])).tolist()
    [100, 50, 25]
    """
    profile = ratio ** (-ranks / max(len(counts) - 1, 1))
    present = counts > 0
    if not present.any():
        return np.zeros_like(counts)
    largest = (counts[present] / profile[present]).min()
    sizes = np.maximum(np.floor(largest * profile + 1e-9).astype(np.int64), 1)
    return np.where(present, sizes, 0)
