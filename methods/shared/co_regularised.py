"""Co-regularised training, which is made once a cell and seed for all its methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from benchmark.contracts import LabelArray, Point, Trainer
from benchmark.contracts.gradient import label_confidence_diagnostics

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch
    from benchmark.contracts.trainer import Recipe, SharedTraining

SAWTOOTH_WARMUP = 0.06


@dataclass(frozen=True)
class CoRegularised:
    """M networks trained on noisy labels and to agree: CR, and stage one of DyGen.

    L = 1/M Σ_m CE(p^m, ỹ) + λ_t · 1/M Σ_m KL(p̄ || p^m), λ_t = 0 over the first
    `warmup` of the steps, then `agreement`. Zhou & Chen, EMNLP 2021, arXiv:2104.08656;
    DyGen, arXiv:2305.19395. `schedule`: the recipe's learning rate, or the sawtooth of
    DyGen's released code.
    """

    networks: int = 2
    agreement: float = 5.0
    warmup: float = 0.1
    schedule: Literal["recipe", "sawtooth"] = "recipe"
    shuffle: bool = True

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the co-regularised loss, its second term switched on after the
        warm-up.
        """
        from methods.shared.losses import co_regularised  # a plan of trainings needs no torch

        weight = self.agreement if batch.progress >= self.warmup else 0.0
        return co_regularised(batch.losses, batch.probabilities, weight)

    def learning_rate(self, recipe: Recipe) -> Callable[[int, int], float]:
        """Give the learning rate by step and number of steps."""
        if self.schedule == "recipe":
            return recipe.learning_rate_at
        return lambda step, total: recipe.learning_rate * sawtooth(step, total, recipe.epochs)


def selectable_points(trainer: Trainer, training: SharedTraining, noisy_labels: LabelArray) -> Iterator[Point]:
    """Yield the points of a shared training after which a method trains no more.

    The last one has what the networks say of the training labels.
    """
    for point, look in trainer.shared(training):
        if point.fraction >= 1.0:
            probabilities = look("train").probabilities
            yield replace(point, findings=partial(label_confidence_diagnostics, probabilities, noisy_labels))
        else:
            yield point


def sawtooth(step: int, total_steps: int, epochs: int, counter_after_epoch: float = 0.0) -> float:
    """Give the share of the peak learning rate in DyGen's released code.

    Each epoch begins the schedule anew. The schedule meant is a warm-up over 6 % of all
    steps, then a linear decay to zero over all of them. Its counter is set back after
    each epoch, to the validation accuracy as it happens (`counter_after_epoch`, taken
    as 0 here).
    """
    per_epoch = -(-total_steps // epochs)
    epoch, within = divmod(step, per_epoch)
    counter = within + (counter_after_epoch if epoch else 0.0)
    warm = int(SAWTOOTH_WARMUP * total_steps)
    if counter < warm:
        return counter / max(1, warm)
    return max(0.0, (total_steps - counter) / max(1, total_steps - warm))
