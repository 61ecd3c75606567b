"""Training on clean labels: what the oracle bounds share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import LabelArray, Need, NoisyView, Trainer
from benchmark.contracts.gradient import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


def clean_labels(view: NoisyView) -> LabelArray:
    """Give the clean training labels, int64 (N,), which a method with the need of them
    was granted.
    """
    granted: LabelArray = view.declared_inputs[Need.CLEAN_TRAIN_LABELS]
    return granted


class CleanLabelMethod(GradientMethod):
    """A method that trains by cross-entropy with clean labels."""

    def needs(self) -> frozenset[Need]:
        """Declare the clean training labels."""
        return frozenset({Need.CLEAN_TRAIN_LABELS})

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """Give the clean labels, int64 (N,)."""
        import torch

        return torch.from_numpy(clean_labels(view)).to(trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy with the clean labels."""
        from benchmark.contracts.batch import label_losses

        return label_losses(batch.log_probabilities, batch.state[batch.rows]).mean()
