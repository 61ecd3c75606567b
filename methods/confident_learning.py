"""Confident learning: leave out what is probably mislabelled, train on the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np

from benchmark.contracts import (
    GradientMethod,
    LabelArray,
    Network,
    NoisyView,
    Trainer,
    TrainingDiagnostics,
    Within,
    register,
)
from benchmark.contracts.arrays import FloatArray, at_labels

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@dataclass(frozen=True)
class Pruning:
    """What the first stage found: the rows kept, the suspicion (N,) by probabilities
    out of fold, T (C, C) and the estimated noise rate.
    """

    kept: LabelArray
    suspicion: FloatArray
    matrix: FloatArray
    noise_rate: float


@register
class ConfidentLearning(GradientMethod):
    """Prune by noise rate, then cross-entropy on the rest from scratch.

    The out-of-fold probabilities p come from K = 5 folds. The threshold t_k is the mean
    of p_k over the examples labelled k. An example counts in J[label, k] for its
    likeliest k with p_k >= t_k. J is scaled to the class sizes and rounded to whole
    numbers. For each pair (label k, other j) the J_kj examples labelled k with the
    largest p_j - p_k are left out, but none whose likeliest class is its label, and
    none of a class with at most five.

    Northcutt, Jiang & Chuang, JAIR 2021, arXiv:1911.00068, sections 3.1 and 3.2. Text
    adaptation: each fold's network is stopped within the first three tenths of the
    steps, at a point that noisy validation labels choose, since a network that has
    memorised is confident in what it memorised.

    The errors of the folds themselves count as noise, so that the estimated rate is too
    high. An example is not pruned for it where the network still prefers its given
    label.
    """

    name = "confident_learning"
    family = "sample selection"
    stage = 2
    citation = """@article{northcutt2021confident,
  title = {Confident Learning: Estimating Uncertainty in Dataset Labels},
  author = {Northcutt, Curtis and Jiang, Lu and Chuang, Isaac},
  journal = {Journal of Artificial Intelligence Research}, volume = {70}, year = {2021}}"""
    departures = (
        "Networks of the folds are stopped early; the authors' train to the end.",
        "At least five examples of a class are kept; the authors' library keeps one by default.",
        "Of equal remainders in rounding the last moves; in the authors' library an unstable sort decides.",
        "What is kept is not weighted by class.",
    )

    folds: Annotated[int, Within(2, "train_rows")] = 5
    early: Annotated[float, Within(0, 1, "(]")] = 0.3
    keep_of_each: Annotated[int, Within(1, "train_rows")] = 5

    def start(self, view: NoisyView, trainer: Trainer) -> Pruning:
        """Run the first stage: probabilities out of fold, and the rows that they
        keep.
        """
        from methods.shared.early_training import out_of_fold_posterior
        from methods.shared.transition.confident_joint import confident_joint
        from methods.shared.transition.matrices import joint_matrix, stochastic
        from methods.shared.transition.pruning import prune_by_noise_rate

        labels = view.train.noisy_labels
        posterior = out_of_fold_posterior(view, trainer, self.folds, self.early)
        found = confident_joint(posterior, labels)
        pruned = prune_by_noise_rate(posterior, labels, found.calibrated, self.keep_of_each)
        return Pruning(
            kept=np.flatnonzero(~pruned),
            suspicion=1.0 - at_labels(posterior, labels),
            matrix=stochastic(joint_matrix(found.calibrated)),
            noise_rate=found.noise_rate,
        )

    def training_rows(self, view: NoisyView, trainer: Trainer, state: Pruning) -> LabelArray:
        """Give the rows that the first stage kept."""
        return state.kept

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy."""
        return batch.losses.mean()

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Pruning
    ) -> TrainingDiagnostics:
        """Give the first stage's suspicion, T and noise rate."""
        return replace(
            super().findings(view, trainer, networks, state),
            suspicion=state.suspicion,
            transition_matrix=state.matrix,
            noise_rate=state.noise_rate,
        )
