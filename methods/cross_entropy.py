"""Plain training on the noisy labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import GradientMethod, register

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class CrossEntropy(GradientMethod):
    """-log p_y, averaged over the batch: the reference that every other method must
    beat.
    """

    name = "cross_entropy"
    family = "reference"

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy with the noisy labels."""
        return batch.losses.mean()
