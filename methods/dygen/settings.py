"""Settings of DyGen that are more than a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from benchmark.contracts.trainer import Moments

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

TRAJECTORY = "epochs|all|(last|every)-[1-9][0-9]*(-points)?"
"""The pattern of a trajectory: what `chosen_points` reads."""

TRAJECTORY_WORDS = (
    "epochs (the end of each), last-K or every-J of these, all (the recipe's selection points), "
    "or last-K-points or every-J-points of those"
)

T = TypeVar("T")


def moments_of(trajectory: str) -> Moments:
    """Tell which moments a trajectory counts: the ends of epochs, or the recipe's
    selection points.

    >>> [moments_of(name) for name in ("epochs", "last-2", "all", "last-2-points")]
    ['epochs', 'epochs', 'points', 'points']
    """
    return "points" if trajectory == "all" or trajectory.endswith("-points") else "epochs"


def chosen_points(trajectory: str, points: Sequence[T]) -> Sequence[T]:
    """Give the moments that a trajectory joins, of all those of its kind.

    `epochs` and `all` join all of them, `last-K` the last K, `every-J` each Jth,
    counted back from the last; with `-points` behind it a number counts selection
    points.

    >>> chosen_points("last-2", [1, 2, 3, 4, 5])
    [4, 5]
    >>> chosen_points("every-2-points", [1, 2, 3, 4, 5])
    [1, 3, 5]
    """
    if trajectory in ("epochs", "all"):
        return points
    kind, number = trajectory.split("-")[:2]
    return points[-int(number) :] if kind == "last" else points[::-1][:: int(number)][::-1]
