"""Settings of DyGen that are more than a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

RELEASED: dict[str, Any] = {
    "prior_embedding": "first",
    "self_match": True,
    "bank": "train_valid",
    "stage_two_learning_rate": "recipe",
    "divergence": "gamma",
    "latent": "approximate",
    "standardise": False,
    "shuffle": False,
    "schedule": "sawtooth",
}
"""What the released code does where it differs from the paper, its leaks apart."""

TRAJECTORY = "all|(last|every)-[1-9][0-9]*"
"""The pattern of a trajectory: what `chosen_points` reads."""

T = TypeVar("T")


def chosen_points(trajectory: str, points: Sequence[T]) -> Sequence[T]:
    """The points that a trajectory joins: `all`, `last-K` of them, or `every-J`th, counted back from the last.

    >>> chosen_points("last-2", [1, 2, 3, 4, 5]), chosen_points("every-2", [1, 2, 3, 4, 5])
    ([4, 5], [1, 3, 5])
    """
    if trajectory == "all":
        return points
    kind, number = trajectory.split("-")
    return points[-int(number) :] if kind == "last" else points[::-1][:: int(number)][::-1]
