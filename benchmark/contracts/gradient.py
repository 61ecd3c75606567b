"""Methods that are one loss over K networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from benchmark.contracts.arrays import at_labels
from benchmark.contracts.handles import MethodState, Network
from benchmark.contracts.method import Method
from benchmark.contracts.views import LabelArray, NoisyView, Point, ProbabilityArray, TrainingDiagnostics

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch
    from benchmark.contracts.trainer import Trainer


def label_confidence_diagnostics(
    train_probabilities: ProbabilityArray, noisy_labels: LabelArray
) -> TrainingDiagnostics:
    """Give what a classifier says of its training labels.

    Parameters
    ----------
    train_probabilities : probabilities of the training texts, (N, K, C).
    noisy_labels : the given labels, int64 (N,).

    Returns
    -------
    The probabilities, and as suspicion one minus the given label's mean probability.
    """
    given = at_labels(train_probabilities, noisy_labels).mean(axis=1)
    return TrainingDiagnostics(train_probabilities=train_probabilities, suspicion=1.0 - given)


class GradientMethod(Method):
    """A method that is a loss.

    `fit` trains `networks` networks on the view with it.

    Each network has its own optimiser and clipping, so that a loss that sums over
    networks trains each on its own part.
    """

    stage: ClassVar[int] = 1
    """The number of this training, 2 where `start` trains something first."""

    def loss(self, batch: TrainBatch) -> Tensor | None:
        """Give the scalar to descend, or None to leave the networks as they are.

        An update that is skipped counts as a step: the schedule and the points go on.
        """
        raise TypeError(f"Method '{self.name}' does not define loss.")

    def start(self, view: NoisyView, trainer: Trainer) -> MethodState:
        """What one training remembers between batches; found again as `batch.state`."""
        return None

    def training_rows(self, view: NoisyView, trainer: Trainer, state: MethodState) -> LabelArray | None:
        """Give the rows that an epoch goes through, int64, some perhaps more than once.

        None means each row once.
        """
        return None

    def before_epoch(
        self, epoch: int, view: NoisyView, trainer: Trainer, networks: list[Network], state: MethodState
    ) -> None:
        """Do what is to be done before an epoch, such as a look at the training set.

        `epoch` counts from 0, as `batch.epoch` does in the losses that follow.
        """

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: MethodState
    ) -> TrainingDiagnostics:
        """Give what the training found out.

        By default, the suspicion is one minus the probability of the given label.
        """
        return label_confidence_diagnostics(trainer.evaluate(networks).probabilities, view.train.noisy_labels)

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Train by the recipe, a point at each of its fixed fractions."""
        state = self.start(view, trainer)
        networks = trainer.networks(self.networks)
        yield from trainer.train(
            networks,
            self.loss,
            state=state,
            rows=self.training_rows(view, trainer, state),
            before_epoch=lambda epoch: self.before_epoch(epoch, view, trainer, networks, state),
            findings=lambda: self.findings(view, trainer, networks, state),
            stage=self.stage,
        )
