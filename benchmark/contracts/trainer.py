"""What a method is handed to train with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from benchmark.contracts.handles import Encoded, EncodedTexts, MethodState, Network, PassCounts, Stream
from benchmark.contracts.views import LabelArray, Outputs, Point, TrainingDiagnostics

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch

Moments = Literal["points", "epochs"]


class Recipe(Protocol):
    """The parts of a recipe that methods and the harness read."""

    @property
    def learning_rate(self) -> float:
        """The highest learning rate."""

    @property
    def epochs(self) -> int:
        """The number of epochs."""

    @property
    def every_test(self) -> bool:
        """Whether the harness looks at test texts at every point."""

    def learning_rate_at(self, step: int, total_steps: int) -> float:
        """The learning rate of a step, which is counted from 0."""


class Stage(Protocol):
    """The networks, loss and schedule of a shared training.

    Its representation names it, so equal parameters are equal trainings.
    """

    @property
    def networks(self) -> int:
        """The number of networks."""

    @property
    def shuffle(self) -> bool:
        """Whether each epoch shuffles the rows."""

    def loss(self, batch: TrainBatch) -> Tensor | None:
        """The scalar to descend, or None to skip the update."""

    def learning_rate(self, recipe: Recipe) -> Callable[[int, int], float]:
        """The learning rate by step and number of steps."""


@dataclass(frozen=True)
class SharedTraining:
    """A training that methods of a cell and seed share, and what one reads of it.

    Parameters
    ----------
    stage : networks, loss and schedule.
    at : the points lie at the recipe's selection points or at the ends of its epochs.
    selectable : whether the harness may select these points.
    every_train_output : whether outputs of the training texts are read at every point
        and not at the last alone.
    """

    stage: Stage
    at: Moments = "points"
    selectable: bool = False
    every_train_output: bool = False


class Trainer(Protocol):
    """Recipe, random streams, training loop, evaluation and clock of one trial.

    Networks are torch modules of the cell's encoder. Network number k starts from the
    same weights, sees the same batches and drops the same units in every method of a
    cell. Nothing here reads a clean label.
    """

    num_classes: int
    """The number of classes C."""
    device: torch.device
    """The device on which the networks and batches lie."""

    @property
    def recipe(self) -> Recipe:
        """The recipe of the cell: learning rate, epochs, points."""

    @property
    def counts(self) -> PassCounts:
        """What the trial has cost so far."""

    def generator(self, purpose: str) -> np.random.Generator:
        """Give the method's own random draws for one purpose.

        They follow from the trial's seed and the method's name.
        """

    def stream(self, purpose: str) -> Stream:
        """Give a torch random stream of the method's own.

        It is used as `with trainer.stream("second stage")(): …`.
        """

    def networks(self, count: int) -> list[Network]:
        """`count` networks, each with its own initial weights."""

    def train(
        self,
        networks: Sequence[Network],
        loss: Callable[[TrainBatch], Tensor | None],
        *,
        state: MethodState = None,
        rows: LabelArray | None = None,
        before_epoch: Callable[[int], None] | None = None,
        findings: Callable[[], TrainingDiagnostics] | None = None,
        selectable: bool = True,
        stage: int = 1,
        learning_rate: Callable[[int, int], float] | None = None,
        shuffle: bool = True,
    ) -> Iterator[Point]:
        """Train on the noisy training rows, with points at the fractions of the recipe.

        Each network has its own optimiser and clipping.

        Parameters
        ----------
        networks : the networks to train, as `networks` gives them.
        loss : maps a training batch to a scalar tensor. None skips the update: the
            networks stay as they are, and the schedule and the points go on.
        state : what `batch.state` is in every loss.
        rows : the rows that an epoch goes through, each once by default. They are read
            as an epoch begins: `before_epoch` may write as many others into the array.
        before_epoch : called with the number of each epoch, from 0, before its first
            batch.
        findings : gives what the training has found out, when asked at a point.
        selectable : whether the harness may choose a point of this training.
        stage : the number of this training in the method, from 1.
        learning_rate : by step and number of steps, where the recipe's is not wanted.
        shuffle : whether each epoch shuffles the rows.
        """

    def shared(self, training: SharedTraining) -> Iterator[tuple[Point, Callable[[str], Outputs]]]:
        """Yield the points of the method's shared training, each with a look.

        The look maps a split to its outputs, as `evaluate` does. The training is made
        once a cell and seed, and its costs are charged to every trial in full.
        """

    def evaluate(self, networks: Sequence[Network], embedding: bool = False, split: str = "train") -> Outputs:
        """Give the outputs of a split in evaluation mode, in the order of the view.

        `split` is `train`, `valid`, or `test` for a method that declared the need of
        test texts.
        """

    def outputs(self, inputs: EncodedTexts, observe: Callable[[Encoded], Outputs]) -> Outputs:
        """Give the outputs of encoded texts, in their order, from those of batches."""

    def frozen_embeddings(self, split: str = "train") -> npt.NDArray[np.float32]:
        """Give the texts of a split as they are before training, float32 (N, D).

        `split` is one that `evaluate` takes, or `label_names` for the C names of the
        classes, to a method that declared the need of them. The features of a frozen
        encoder are standardised by the training texts.
        """

    def represent(self, encoded: Encoded) -> npt.NDArray[np.float32]:
        """Give one batch, as `observe` gets it, before training, float32 (B, D)."""

    def batch_size(self, encoded: Encoded) -> int:
        """Texts in an encoded batch."""

    def phase(self, name: str) -> AbstractContextManager[None]:
        """A clock around a part of the method; its seconds go to the record."""

    def check_time(self) -> None:
        """Stop the trial here if its time limit has passed.

        A long loop of a method's own calls it.
        """
