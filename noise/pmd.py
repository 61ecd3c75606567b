"""Polynomial margin diminishing noise: the closer a teacher's two best classes, the
likelier the mistake.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from benchmark.contracts import BenchmarkError, LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._counts import check_classes, chosen_overall, flip_count


@register_noise
class PolynomialMarginDiminishing(NoiseModel):
    """P(flip | x) = min(1, κ τ(Δ)), Δ = η_u - η_s the teacher's margin; τ = ½ - ½Δ²,
    1 - Δ³ or 1 - (Δ + Δ² + Δ³) / 3.

    Zhang et al., ICLR 2021, arXiv:2103.07756. η: a teacher's class probabilities; u, s:
    its two best classes; `type` 1, 2 or 3 picks τ. A flipped label becomes s where the
    teacher is right, else u, so every flip is a wrong label. κ makes round(rate · N)
    flips, whatever the classes. Example i, with its uniform v, turns at κ = v / τ; the
    first to turn are flipped (sequential Poisson sampling: Ohlsson, J. Official
    Statistics 14, 1998), so that the sets are nested.

    Departures. The paper's code keeps the teacher's best class where it does not flip,
    so a wrong teacher adds noise of its own. Here the clean label is kept. It scales
    1 - τ by a factor set by hand until the rate comes out. Here τ is scaled to an exact
    count. Its η is read in training mode, on texts learned from. Here texts are held
    out.
    """

    name = "pmd"
    family = "instance-dependent"
    citation = """@inproceedings{zhang2021pmd,
  title = {Learning with Feature-Dependent Label Noise: A Progressive Approach},
  author = {Zhang, Yikai and Zheng, Songzhu and Wu, Pengxiang and Goswami, Mayank and Chen, Chao},
  booktitle = {International Conference on Learning Representations}, year = {2021}}"""
    reads_teacher = True
    flip_score = "τ of the teacher's margin"
    rate: NoiseRate
    type: Literal[1, 2, 3] = 1

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,); both the set and its targets are nested
        across rates.
        """
        clean, teacher = inputs.clean_labels, self.require(inputs.teacher, "a teacher's probabilities")
        check_classes(self.rate, inputs.num_classes)
        best, second = two_best(teacher)
        propensity = flip_propensities(teacher, self.type)
        uniform = inputs.draws.uniform("flip")
        turning = np.divide(uniform, propensity, out=np.full(len(clean), np.inf), where=propensity > 0)
        count, most = flip_count(self.rate, len(clean)), int(np.isfinite(turning).sum())
        if count > most:
            raise BenchmarkError(
                f"Noise '{self}' asks for {count} wrong labels of {len(clean)}, but the teacher doubts only {most}: "
                f"ask for a rate of {most / len(clean):.3g} at most."
            )
        flipped = chosen_overall(count, turning, uniform)
        return np.where(flipped, np.where(best == clean, second, best), clean).astype(np.int64)

    def flip_scores(self, inputs: NoiseInputs) -> FloatArray:
        """Give τ(Δ), float64 (N,)."""
        return flip_propensities(self.require(inputs.teacher, "a teacher's probabilities"), self.type)

    def rate_bound(self, num_classes: int) -> float:
        """Give one half: from there on a doubtful text's runner-up can be its likelier
        label.
        """
        return 0.5


def two_best(teacher: FloatArray) -> tuple[LabelArray, LabelArray]:
    """Give u and s, the classes of highest and second highest probability, int64 (N,)
    each; ties go to the lower class.
    """
    order = np.argsort(-teacher, axis=1, kind="stable")
    return order[:, 0], order[:, min(1, teacher.shape[1] - 1)]


def flip_propensities(teacher: FloatArray, kind: Literal[1, 2, 3]) -> FloatArray:
    """Give τ(Δ) of noise type I, II or III, float64 (N,), in [0, 1]."""
    best, second = two_best(teacher)
    rows = np.arange(len(teacher))
    margin = teacher[rows, best] - teacher[rows, second]
    if kind == 1:
        propensity = 0.5 - 0.5 * margin**2
    elif kind == 2:
        propensity = 1 - margin**3
    else:
        propensity = 1 - (margin + margin**2 + margin**3) / 3
    bounded: FloatArray = np.clip(propensity, 0.0, 1.0)
    return bounded
