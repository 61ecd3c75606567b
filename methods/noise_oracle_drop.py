"""Plain training on the texts whose label is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark.contracts import GradientMethod, LabelArray, MethodState, Need, NoisyView, Trainer, register
from methods.shared.clean_labels import clean_labels

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class NoiseOracleDrop(GradientMethod):
    """CE(p, ỹ) over {i : ỹ_i = y_i}: the bound of every method that selects examples
    and throws the others away.

    An epoch has fewer steps, as there are fewer texts. Where no label is right, all
    texts are kept.
    """

    name = "noise_oracle_drop"
    family = "oracle bound"

    def needs(self) -> frozenset[Need]:
        """Declare the clean training labels, which tell which noisy ones are right."""
        return frozenset({Need.CLEAN_TRAIN_LABELS})

    def training_rows(self, view: NoisyView, trainer: Trainer, state: MethodState) -> LabelArray | None:
        """Give the texts whose noisy label is the clean one."""
        right = np.flatnonzero(view.train.noisy_labels == clean_labels(view))
        return right if len(right) else None

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy with the labels that are left."""
        return batch.losses.mean()
