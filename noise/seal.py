"""Noise on the examples that a teacher finds hardest: no chance is involved."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._counts import check_classes, chosen_overall

ROUNDING = 1e-9
"""So that .29 · 100 counts as 29."""


@register_noise
class Seal(NoiseModel):
    """ỹ = argmax over j ≠ y of η_j for the ⌊rate · N⌋ examples where that maximum is
    highest, else y.

    Chen et al., AAAI 2021, arXiv:2012.05458. η: a teacher's class probabilities. The
    flips gather on ambiguous texts, whatever their class, and are the same for every
    seed. The sets are nested across rates.

    Departures. The paper averages the softmax over the epochs of a network that learns
    from these very texts. Here it is a teacher's probability of texts held out from it.
    The released code flips every example where ⌊rate · N⌋ is zero (a slice from -0).
    Here none is.
    """

    name = "seal"
    family = "instance-dependent"
    citation = """@inproceedings{chen2021seal,
  title = {Beyond Class-Conditional Assumption: A Primary Attempt to Combat Instance-Dependent Label Noise},
  author = {Chen, Pengfei and Ye, Junjie and Chen, Guangyong and Zhao, Jingwei and Heng, Pheng-Ann},
  booktitle = {Proceedings of AAAI}, year = {2021}}"""
    reads_teacher = True
    flip_score = "teacher's probability of the likeliest wrong class"
    rate: NoiseRate

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,)."""
        check_classes(self.rate, inputs.num_classes)
        clean = inputs.clean_labels
        candidates, scores = best_other_class(self.require(inputs.teacher, "a teacher's probabilities"), clean)
        count = int(self.rate * len(clean) + ROUNDING)
        flipped = chosen_overall(count, -scores, inputs.draws.uniform("tie"))
        return np.where(flipped, candidates, clean).astype(np.int64)

    def flip_scores(self, inputs: NoiseInputs) -> FloatArray:
        """Give max over j ≠ y of η_j, float64 (N,)."""
        return best_other_class(self.require(inputs.teacher, "a teacher's probabilities"), inputs.clean_labels)[1]

    def rate_bound(self, num_classes: int) -> float:
        """Give one half, as most labels of a doubtful kind of text may be wrong from
        there on.
        """
        return 0.5


def best_other_class(teacher: FloatArray, clean_labels: LabelArray) -> tuple[LabelArray, FloatArray]:
    """Give the likeliest class but the clean one, int64 (N,), and its probability,
    float64 (N,).
    """
    rows = np.arange(len(teacher))
    others = teacher.copy()
    others[rows, clean_labels] = -np.inf
    candidates = others.argmax(axis=1)
    return candidates, others[rows, candidates]
