"""How training goes whatever the method: the recipe of each kind of encoder."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from benchmark.contracts.parameters.later_fields import dataclass_defaults, without_later_defaults
from benchmark.contracts.trainer import Moments

Precision = Literal["float32", "bfloat16"]
PRECISIONS: tuple[str, ...] = get_args(Precision)
DEFAULT_PRECISION: Precision = "float32"
"""What a recipe has unless another precision is asked for."""

FIRST_FIELDS = frozenset(
    {
        "name", "learning_rate", "epochs", "batch_size", "weight_decay", "warmup", "decay", "clip_norm", "dropout",
        "hidden", "pooling", "max_tokens", "points", "points_each_epoch", "points_in_first_epoch", "every_test",
    }
)  # fmt: skip
"""The fields that are always written to a configuration. The list never grows."""


@dataclass(frozen=True)
class Recipe:
    """Optimiser, schedule, batches, head and selection points.

    Belongs to the encoder, never to a method.

    `points_in_first_epoch` of the `points` fall into the first epoch, the others are
    spread evenly; 0 spreads all evenly. `points` counts an epoch when
    `points_each_epoch` is set, the whole training otherwise. `precision` is that of a
    transformer's passes: weights, heads and losses are float32 in any case.
    `training_mode_at_start` says whether a pre-trained transformer drops out units
    before the first look, too. It is loaded in evaluation mode, in which trials of
    older recipes began. Layers with random weights always drop out.
    """

    name: str
    learning_rate: float
    epochs: int
    batch_size: int
    weight_decay: float = 0.0
    warmup: float = 0.0
    decay: Literal["none", "linear"] = "none"
    clip_norm: float | None = None
    dropout: float = 0.1
    hidden: int | None = None
    pooling: Literal["mean", "cls"] = "cls"
    max_tokens: int = 128
    points: int = 2
    points_each_epoch: bool = True
    points_in_first_epoch: int = 0
    every_test: bool = False
    precision: Precision = DEFAULT_PRECISION
    training_mode_at_start: bool = False

    def total_steps(self, texts: int) -> int:
        """Steps of a training on so many texts."""
        return -(-texts // self.batch_size) * self.epochs

    def fractions(self) -> tuple[float, ...]:
        """The fixed shares of the training at which the harness looks, ascending, the
        last one 1.
        """
        total = self.points * self.epochs if self.points_each_epoch else self.points
        early = self.points_in_first_epoch
        if not early or self.epochs == 1:
            return tuple((i + 1) / total for i in range(total))
        first = [(i + 1) / early / self.epochs for i in range(early)]
        late = total - early
        rest = [1 / self.epochs + (1 - 1 / self.epochs) * (i + 1) / late for i in range(late)]
        return tuple(first + rest)

    def point_steps(self, total_steps: int) -> dict[int, float]:
        """Step counts after which a point falls, with their fractions.

        Short trainings have fewer points.
        """
        steps: dict[int, float] = {}
        for fraction in self.fractions():
            steps[max(1, math.ceil(fraction * total_steps - 1e-9))] = fraction
        return steps

    def epoch_steps(self, total_steps: int) -> dict[int, float]:
        """Step counts after which an epoch ends, with their fractions of the
        training.
        """
        per_epoch = -(-total_steps // self.epochs)
        return {per_epoch * (epoch + 1): (epoch + 1) / self.epochs for epoch in range(self.epochs)}

    def moment_steps(self, at: Moments, total_steps: int) -> dict[int, float]:
        """Step counts of the moments of one kind, ascending, with their fractions of
        the training.
        """
        return self.point_steps(total_steps) if at == "points" else self.epoch_steps(total_steps)

    def learning_rate_at(self, step: int, total_steps: int) -> float:
        """The learning rate of step number `step` (from 0): linear warm-up, then
        constant or linear to zero.
        """
        warm = math.ceil(self.warmup * total_steps)
        if step < warm:
            return self.learning_rate * (step + 1) / warm
        if self.decay == "none":
            return self.learning_rate
        return self.learning_rate * max(0.0, (total_steps - step) / max(1, total_steps - warm))

    def varied(self, batch_size: int | None = None, precision: str | None = None) -> Recipe:
        """Give the recipe with another batch size or precision.

        Its name says what differs, so that tables keep it apart on all corpora. What is
        None, or as the recipe has it, changes nothing.

        >>> FINE_TUNED.varied(64, "bfloat16").name
        'fine-tuned-batch64-bfloat16'
        """
        name, values = self.name, asdict(self)
        if batch_size is not None and batch_size != self.batch_size:
            name += f"-batch{batch_size}"
            values["batch_size"] = batch_size
        if precision is not None and precision != self.precision:
            name += f"-{precision}"
            values["precision"] = precision
        return Recipe(**values | {"name": name})

    def as_config(self) -> dict[str, Any]:
        """Give what of the recipe enters a trial's configuration.

        A field that recipes gain later is left out while it has its default, so that
        the ids of finished trials stay as they are.
        """
        return without_later_defaults(asdict(self), dataclass_defaults(type(self)), FIRST_FIELDS)


FROZEN = Recipe(
    name="frozen",
    learning_rate=1e-3,
    epochs=10,
    batch_size=64,
    hidden=512,
    pooling="mean",
    points=20,
    points_each_epoch=False,
    points_in_first_epoch=5,
    every_test=True,
)
"""A trained head over fixed features.

It must be able to memorise, else it cannot tell methods apart.
"""

FINE_TUNED = Recipe(
    name="fine-tuned",
    learning_rate=2e-5,
    epochs=10,
    batch_size=32,
    weight_decay=0.01,
    warmup=0.06,
    decay="linear",
    clip_norm=1.0,
    training_mode_at_start=True,
)
"""A pre-trained transformer whose weights are all trained.

It is the recipe that published BERT baselines have in common.
"""

FROM_SCRATCH = replace(FINE_TUNED, name="scratch", learning_rate=1e-3, pooling="mean", training_mode_at_start=False)
"""A small transformer from random weights."""
