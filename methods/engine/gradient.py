"""Methods that are one loss over K networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from benchmark.contracts import Findings, Kit, LabelArray, Method, NoisyView, Point, ProbabilityArray

if TYPE_CHECKING:
    from torch import Tensor

    from methods.engine.batch import TrainBatch


def doubted(probabilities: ProbabilityArray, noisy_labels: LabelArray) -> Findings:
    """Findings from the training texts' probabilities, (N, K, C): one minus that of the given label is suspicion."""
    import numpy as np

    given = probabilities[np.arange(len(probabilities)), :, noisy_labels].mean(axis=1)
    return Findings(train_probabilities=probabilities, suspicion=1.0 - given)


class GradientMethod(Method):
    """A method that is a loss: `fit` trains `networks` networks on the view with it.

    Each network has its own optimiser and clipping; a loss that sums over networks trains each on its own part.
    """

    def loss(self, batch: TrainBatch) -> Tensor:
        """The scalar to descend, from a training batch: `logits` (K, B, C), `noisy_labels` (B,)."""
        raise TypeError(f"Method '{self.name}' does not define loss.")

    def start(self, view: NoisyView, kit: Kit) -> Any:
        """What one training remembers between batches; found again as `batch.state`."""
        return None

    def findings(self, view: NoisyView, kit: Kit, networks: list[Any], state: Any) -> Findings:
        """What the training found out: by default one minus the probability of the given label as suspicion."""
        return doubted(kit.evaluate(networks).probabilities, view.train.noisy_labels)

    def fit(self, view: NoisyView, kit: Kit) -> Iterator[Point]:
        """Train by the recipe, a point at each of its fixed fractions."""
        state = self.start(view, kit)
        networks = kit.networks(self.networks)
        yield from kit.train(
            networks, self.loss, state=state, findings=lambda: self.findings(view, kit, networks, state)
        )
