"""Dual-T: a transition matrix in two factors, then training with importance weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from benchmark.contracts import NoisyView, Trainer, register
from benchmark.contracts.arrays import FloatArray
from methods.shared.transition.training import Transition, TransitionMethod, estimated_matrix

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class DualT(TransitionMethod):
    """β CE(p, y), β = p_y / (Tᵀp)_y without gradient, with T = T♣ T♠ through the
    predicted noisy class y'.

    T♣_kj = P(y' = j | true k) comes from anchors on P(noisy | x). T♠_jl = P(noisy l |
    y' = j) comes from counting, which no overconfident posterior distorts. Yao et al.,
    NeurIPS 2020, arXiv:2006.07805, eq. 2. The reweighting is after Liu & Tao, TPAMI
    2016, arXiv:1411.7718, as in the paper's main table. `correction=forward` is -log
    (Tᵀp)_y.

    Text adaptation: the first network is stopped within the first fifth of the steps,
    at a point that noisy validation labels choose, since fine-tuned models memorise
    within few epochs.

    The less sure the network, the more T♣ itself holds of the noise, which T♠ then adds
    a second time. After so short a training T shows more noise than there is, and more
    than anchors alone do.
    """

    name = "dualt"
    citation = """@inproceedings{yao2020dualt,
  title = {Dual T: Reducing Estimation Error for Transition Matrix in Label-noise Learning},
  author = {Yao, Yu and Liu, Tongliang and Han, Bo and Gong, Mingming and Deng, Jiankang and Niu, Gang and
            Sugiyama, Masashi},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2020}}"""
    departures = (
        "The first network is chosen among the points of a fifth of the steps; the authors choose among all epochs of "
        "a first training.",
        "The product is T♣ T♠, as in the authors' code; one port multiplies in the other order.",
        "Outliers of a class are left out on a copy of its column; the authors' code sets them to zero in the "
        "posterior, from which later rows are read.",
        "An anchor must be predicted as its class: for a class rarer than the 3 % left out the highest p_k stands, and "
        "a class that is never predicted keeps its label. Rows are normalised.",
        "The second network starts from the initial weights, not from the first network's.",
    )

    correction: Literal["reweight", "forward"] = "reweight"

    def transition_matrix(self, view: NoisyView, trainer: Trainer) -> FloatArray:
        """Give T♣ T♠, (C, C)."""
        return estimated_matrix("dual_t", view, trainer, self.early)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean weighted cross-entropy, or the mean forward-corrected loss."""
        from methods.shared.transition.corrections import forward_losses, importance

        transition: Transition = batch.state
        if self.correction == "forward":
            return forward_losses(batch.log_probabilities, batch.noisy_labels, transition.tensor).mean()
        return (importance(batch.probabilities, batch.noisy_labels, transition.tensor) * batch.losses).mean()
