"""What a loss is handed: one training batch through K networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from benchmark.contracts.handles import Encoded, MethodState, Network

if TYPE_CHECKING:
    from torch import Tensor


class TrainBatch(Protocol):
    """One training batch of B texts through K networks.

    What is computed with the networks is computed when it is first asked for.
    """

    @property
    def encoded(self) -> Encoded:
        """The texts as the networks take them."""

    @property
    def rows(self) -> Tensor:
        """The texts' row numbers in the training set, int64 (B,)."""

    @property
    def noisy_labels(self) -> Tensor:
        """The texts' noisy labels, int64 (B,)."""

    @property
    def networks(self) -> Sequence[Network]:
        """The K networks that are trained."""

    @property
    def epoch(self) -> int:
        """The number of the epoch, from 0, of `trainer.recipe.epochs`."""

    @property
    def step(self) -> int:
        """The number of the step, from 0."""

    @property
    def total_steps(self) -> int:
        """The number of steps of the whole training."""

    @property
    def state(self) -> MethodState:
        """What the method's `start` returned."""

    @property
    def progress(self) -> float:
        """The share of the training's steps done before this one, in [0, 1)."""

    @property
    def embeddings(self) -> Tensor:
        """The networks' embeddings, (K, B, D)."""

    @property
    def logits(self) -> Tensor:
        """The networks' logits, (K, B, C)."""

    @property
    def log_probabilities(self) -> Tensor:
        """The log softmax of the logits, (K, B, C)."""

    @property
    def probabilities(self) -> Tensor:
        """The softmax of the logits, (K, B, C)."""

    @property
    def label_probabilities(self) -> Tensor:
        """The probability of each text's noisy label, (K, B)."""

    @property
    def losses(self) -> Tensor:
        """The cross-entropy of each text with its noisy label, (K, B)."""

    def classify(self, embeddings: Tensor) -> Tensor:
        """The logits (K, B, C) of embeddings (K, B, D), mixed or not."""

    def second_view(self) -> Tensor:
        """The logits (K, B, C) of the same texts under fresh dropout."""

    def only(self, chosen: Tensor) -> TrainBatch:
        """The texts at the `chosen` places, int64 (U,), as a batch of their own."""

    def evaluated(self) -> Tensor:
        """The probabilities (K, B, C) in evaluation mode, without gradient."""


def at_labels(values: Tensor, labels: Tensor) -> Tensor:
    """Give each text's entry at its label, (..., B).

    `values` are (..., B, C), `labels` int64 (B,) or of the shape (..., B).
    """
    return values.gather(-1, labels.expand(values.shape[:-1]).unsqueeze(-1)).squeeze(-1)


def label_losses(log_probabilities: Tensor, labels: Tensor) -> Tensor:
    """Give the cross-entropy of each text with its label, (K, B).

    `log_probabilities` are (K, B, C), `labels` int64 (B,).
    """
    return -at_labels(log_probabilities, labels)
