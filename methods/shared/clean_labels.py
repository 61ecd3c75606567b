"""Training on clean labels: what the oracle bounds share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import LabelArray, Need, NoisyView, Trainer
from benchmark.contracts.gradient import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


def clean_labels(view: NoisyView) -> LabelArray:
    """The clean training labels that an instance with the need of them was granted,
    int64 (N,).
    """
    granted: LabelArray = view.declared_inputs[Need.CLEAN_TRAIN_LABELS]
    return granted


class CleanLabelMethod(GradientMethod):
    """Cross-entropy with the clean labels of the rows that `rows` names."""

    def needs(self) -> frozenset[Need]:
        """The clean training labels."""
        return frozenset({Need.CLEAN_TRAIN_LABELS})

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """The clean labels, int64 (N,)."""
        import torch

        return torch.from_numpy(clean_labels(view)).to(trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Mean cross-entropy with the clean labels."""
        from benchmark.contracts.batch import label_losses

        return label_losses(batch.log_probabilities, batch.state[batch.rows]).mean()
