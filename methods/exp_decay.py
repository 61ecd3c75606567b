"""Exponential decay of the weight of the given label, with agreement of two passes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from benchmark.contracts import GradientMethod, NoisyView, Trainer, Within, above, at_least, register

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class ExponentialDecay(GradientMethod):
    """CE(p_a, q) + λ_r ½ [KL(p_a || p_b) + KL(p_b || p_a)] + KL(π || p̄), whose targets
    q move from the given label to the prediction.

    q ∝ [(1 - w) p_eval + w e_ỹ]^(1/T), w = e + (1 - e) exp(-κ s/S) at step s of S.
    p_eval is the network's own prediction in evaluation mode. p_a and p_b are two
    dropout passes, p̄ is their mean over the batch, π the given labels' shares.
    T = 0.5, e = 0.1, κ = 3.
    From w < ½ on, a confident prediction of another class outweighs the label.

    Cheng et al., Applied Intelligence 2024, as their code has it: the paper's text was
    not at hand. There is no warm-up and no selection.

    Where a network learns slowly, w falls before the network has learned, and its
    first guesses confirm themselves. `kappa` and `floor` set the pace.
    Labels keep at least a tenth of their weight, so the last point still memorises some
    of them, and hard examples of clean sets lose their label.
    """

    name = "exp_decay"
    family = "label correction"
    citation = """@article{cheng2024dynamic,
  title = {Dynamic Training for Handling Textual Label Noise},
  author = {Cheng, Shaohuan and Chen, Wenyu and Liu, Wanlong and Zhou, Li and Zhao, Honglin and Kong, Weishan and
            Qu, Hong and Fu, Mingsheng},
  journal = {Applied Intelligence}, volume = {54}, number = {22}, pages = {11161--11176}, year = {2024}}"""
    departures = (
        "The agreement of the two passes is a mean over the batch with weight 1; the authors' code sums it over "
        "batches of twelve with weight 0.5, so that its weight follows the batch size "
        "(`divergence=sum,divergence_weight=0.5`).",
        "The mean prediction is held to the shares of the given labels; the authors hold it to uniform ones, which "
        "pulls an unbalanced corpus to its rare classes (`prior=uniform`).",
        "Optimiser, schedule and epochs are the recipe's; the authors' learning rate is constant.",
        "The last point, or the one best on noisy validation labels, counts; the authors keep the best test epoch.",
    )

    floor: Annotated[float, Within(0, 1)] = 0.1
    kappa: Annotated[float, at_least(0)] = 3.0
    temperature: Annotated[float, above(0)] = 0.5
    divergence: Literal["mean", "sum"] = "mean"
    divergence_weight: Annotated[float, at_least(0)] = 1.0
    prior: Literal["observed", "uniform"] = "observed"

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """Give the class shares π that the mean prediction is held to, (C,), each above
        0.
        """
        from methods.shared.views import class_shares

        return class_shares(self.prior, view.train.noisy_labels, view.num_classes).to(trainer.device)

    def label_weight(self, progress: float) -> float:
        """Give w, the weight of the given label when a share of the steps is done."""
        return self.floor + (1 - self.floor) * math.exp(-self.kappa * progress)

    def targets(self, batch: TrainBatch) -> Tensor:
        """Give q of each text, (B, C), without gradient."""
        from torch.nn.functional import one_hot

        from methods.shared.mixing import sharpen

        weight, predicted = self.label_weight(batch.progress), batch.evaluated()[0]
        given = one_hot(batch.noisy_labels, predicted.shape[-1]).to(predicted.dtype)
        return sharpen((1 - weight) * predicted + weight * given, self.temperature)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean of CE(p_a, q), the agreement of both passes and KL(π || p̄),
        summed by their weights.
        """
        import torch

        from methods.shared.losses import soft_cross_entropy
        from methods.shared.views import collapse, symmetric_divergence

        first, second = batch.log_probabilities[0], batch.second_view()[0].log_softmax(-1)
        divergences = symmetric_divergence(first, second)
        agreement = divergences.mean() if self.divergence == "mean" else divergences.sum()
        spread = collapse(torch.stack([first, second]).exp(), batch.state)
        return soft_cross_entropy(first, self.targets(batch)).mean() + self.divergence_weight * agreement + spread
