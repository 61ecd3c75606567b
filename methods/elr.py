"""Early-learning regularisation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import (
    GradientMethod,
    Network,
    NoisyView,
    Trainer,
    TrainingDiagnostics,
    Within,
    at_least,
    register,
)

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class EarlyLearningRegularization(GradientMethod):
    """Cross-entropy plus λ log(1 - <t_i, p_i>), with t_i a running mean of the
    network's own predictions.

    t_i ← β t_i + (1 - β) p_i at each visit, before the loss, without gradient. It
    starts at 0. The term rewards agreement with what the network believed early, before
    it fitted wrong labels. Liu et al., NeurIPS 2020, arXiv:2007.00151; λ = 3, β = 0.7
    as the authors' CIFAR-10 setting, which published text ports kept.
    """

    name = "elr"
    family = "regularisation"
    citation = """@inproceedings{liu2020elr,
  title = {Early-Learning Regularization Prevents Memorization of Noisy Labels},
  author = {Liu, Sheng and Niles-Weed, Jonathan and Razavian, Narges and Fernandez-Granda, Carlos},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2020}}"""

    weight: Annotated[float, at_least(0)] = 3.0
    momentum: Annotated[float, Within(0, 1, "[)")] = 0.7

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """Give the target memory t, float32 (N, C), all zero."""
        import torch

        return torch.zeros(len(view.train), view.num_classes, device=trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy plus the regulariser.

        Probabilities are kept within [1e-4, 1 - 1e-4] in both.
        """
        p = batch.probabilities[0].clamp(1e-4, 1 - 1e-4)
        believed = (p / p.sum(-1, keepdim=True)).detach()
        targets = self.momentum * batch.state[batch.rows] + (1 - self.momentum) * believed
        batch.state[batch.rows] = targets
        regulariser: Tensor = (1 - (targets * p).sum(-1)).log().mean()
        return batch.losses.mean() + self.weight * regulariser

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Tensor
    ) -> TrainingDiagnostics:
        """Give the default suspicion, and as corrected labels what the target memory
        believes.
        """
        found = super().findings(view, trainer, networks, state)
        return replace(found, corrected_labels=state.argmax(-1).cpu().numpy())
