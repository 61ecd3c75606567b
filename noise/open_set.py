"""Open-set noise: training texts that belong to none of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from benchmark.contracts import (
    UNLABELLED,
    BenchmarkError,
    LabelArray,
    NoiseInputs,
    NoiseModel,
    NoiseRate,
    Within,
    register_noise,
)
from benchmark.contracts.arrays import FloatArray


@register_noise
class OpenSet(NoiseModel):
    """T[k, k] = 1 for the M classes in distribution, k < M; T[k, j] = 1 / M for
    held-out k ≥ M and j < M.

    The last classes, `share` of all, are held out, M remain. Their training texts make
    up `rate` of the training set, labelled evenly with the M classes, and count as
    wrongly labelled. Further ones are dropped. Validation and test have texts of the M
    classes alone. The number of classes that methods are told does not change. With
    closed noise r_c, `symmetric(r_c)+open_set(r_o)`, wrong labels are r_c (1 - r_o) +
    r_o of the whole. Sheng et al., ECCV 2024, arXiv:2407.02778 (CIFAR80N); Wang et al.,
    CVPR 2018, arXiv:1804.00092.
    """

    name = "open_set"
    family = "open set"
    citation = """@inproceedings{sheng2024sed,
  title = {Foster Adaptivity and Balance in Learning with Noisy Labels},
  author = {Sheng, Mengmeng and Sun, Zeren and Chen, Tao and Pang, Shuchao and Wang, Yucheng and Yao, Yazhou},
  booktitle = {ECCV}, year = {2024}}"""
    holds_out_classes = True
    rate: NoiseRate
    share: Annotated[float, Within(0, 1, "()")] = 0.2

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), and -1 for texts that are dropped.

        Both the set and its labels are nested across rates.
        """
        known = self.in_distribution(inputs.num_classes)
        noisy = inputs.clean_labels.astype(np.int64, copy=True)
        held_out = np.flatnonzero(noisy >= known)
        wanted = round(self.rate / (1.0 - self.rate) * (len(noisy) - len(held_out)))
        noisy[held_out] = UNLABELLED
        if inputs.draws.split == "train":
            self._refuse_beyond(wanted, len(held_out), len(noisy))
            chosen = held_out[np.argsort(inputs.draws.uniform("keep")[held_out], kind="stable")[:wanted]]
            noisy[chosen] = np.floor(inputs.draws.uniform("target")[chosen] * known).astype(np.int64)
        return noisy

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the transition matrix of the equation above, float64 (C, C)."""
        known = self.in_distribution(num_classes)
        matrix = np.eye(num_classes)
        matrix[known:] = np.where(np.arange(num_classes) < known, 1.0 / known, 0.0)
        return matrix

    def in_distribution(self, num_classes: int) -> int:
        """Give C less the share held out, which is at least one class; at least two
        must remain.
        """
        known = num_classes - max(1, round(self.share * num_classes))
        if known < 2:
            raise BenchmarkError(
                f"Noise '{self}' leaves {max(known, 0)} of {num_classes} classes; at least two must remain. "
                "Lower the share, or choose a corpus with more classes."
            )
        return known

    def check(self, label_names: Sequence[str]) -> None:
        """Check that two classes or more remain."""
        super().check(label_names)
        self.in_distribution(len(label_names))

    def _refuse_beyond(self, wanted: int, at_hand: int, rows: int) -> None:
        if wanted > at_hand:
            raise BenchmarkError(
                f"Noise '{self}' needs {wanted} texts of held-out classes and there are {at_hand}: a rate of "
                f"{np.floor(1000 * at_hand / rows) / 1000:g} is the most here. Lower the rate or raise the share."
            )
