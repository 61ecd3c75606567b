"""Forward and backward loss correction by a transition matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from benchmark.contracts import Need, NoisyView, Trainer, register
from benchmark.contracts.arrays import FloatArray
from methods.shared.transition.training import Transition, TransitionMethod, estimated_matrix

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class ForwardCorrection(TransitionMethod):
    """-log (Tᵀp)_y: the network predicts the true label, the transition matrix T turns
    it into the noisy one.

    Patrini et al., CVPR 2017, arXiv:1609.03683. First a cross-entropy network gives
    P(noisy | x) and from it T, by anchors, eq. 12 and 13. Then a network is trained
    from scratch with T fixed. `estimate` is `anchor` as in the paper, `dual_t`
    (arXiv:2006.07805), `confident_joint` (arXiv:1911.00068) over five folds, or
    `oracle`, the true T. `correction=backward` is Σ_j (T⁻¹)_yj (-log p_j), theorem 1,
    which is unbounded below: its last point can fall far behind its best one, on clean
    labels too, where T is estimated with an error.

    Text adaptation: T is read from a network stopped within the first fifth of the
    steps, since a posterior that has memorised gives T = I, and at the temperature that
    fits the noisy validation labels.

    A network that can memorise does so under the corrected loss too, even with the true
    T, but later. The gain lies at the points before.
    """

    name = "forward"
    citation = """@inproceedings{patrini2017forward,
  title = {Making Deep Neural Networks Robust to Label Noise: A Loss Correction Approach},
  author = {Patrini, Giorgio and Rozza, Alessandro and Menon, Aditya Krishna and Nock, Richard and Qu, Lizhen},
  booktitle = {CVPR}, year = {2017}}"""
    departures = (
        "T is read from an early network, chosen by noisy validation labels and calibrated on them; the authors train "
        "the first network to the end.",
        "Outliers of a class are left out on a copy of its column; the authors' code sets them to zero in the "
        "posterior, from which later rows are read.",
        "An anchor must be predicted as its class: for a class rarer than the 3 % left out the highest p_k stands, and "
        "a class that is never predicted keeps its label.",
        "Probabilities are not clipped; the authors' code clips them to [1e-7, 1 - 1e-7].",
        "Entries of the inverse of T are kept within ±10 for the backward correction.",
    )

    estimate: Literal["anchor", "dual_t", "confident_joint", "oracle"] = "anchor"
    correction: Literal["forward", "backward"] = "forward"

    def needs(self) -> frozenset[Need]:
        """Declare the true transition matrix, if that is what was asked for."""
        return frozenset({Need.TRANSITION_MATRIX}) if self.estimate == "oracle" else frozenset()

    def transition_matrix(self, view: NoisyView, trainer: Trainer) -> FloatArray:
        """Give T as granted or estimated, (C, C)."""
        if self.estimate == "oracle":
            return np.array(view.declared_inputs[Need.TRANSITION_MATRIX], dtype=np.float64)
        return estimated_matrix(self.estimate, view, trainer, self.early)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean corrected loss."""
        from methods.shared.transition.corrections import backward_losses, forward_losses

        transition: Transition = batch.state
        if self.correction == "backward":
            return backward_losses(batch.log_probabilities, batch.noisy_labels, transition.inverse).mean()
        return forward_losses(batch.log_probabilities, batch.noisy_labels, transition.tensor).mean()
