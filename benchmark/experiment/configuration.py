"""What of a method, a noise and a recipe enters a trial's configuration."""

from __future__ import annotations

import dataclasses
from typing import Any

from benchmark.contracts import Method, Mixture, NoiseModel
from benchmark.contracts.parameters.later_fields import dataclass_defaults, without_later_defaults
from benchmark.records.code.plugins import source_digest
from benchmark.training.recipes import Recipe
from methods.shared.noise_rates import DEFAULT_ESTIMATOR

FIRST_RECIPE_FIELDS = frozenset(
    {
        "name", "learning_rate", "epochs", "batch_size", "weight_decay", "warmup", "decay", "clip_norm", "dropout",
        "hidden", "pooling", "max_tokens", "points", "points_each_epoch", "points_in_first_epoch", "every_test",
    }
)  # fmt: skip
"""The fields of a recipe that are always written to a configuration.

The list never grows.
"""


def method_fields(method: Method) -> dict[str, Any]:
    """Give what of a method enters a trial's configuration."""
    return {
        "method": str(method),
        "method_version": method.version,
        "method_source": source_digest(type(method)),
        "parameters": parameters(method),
        "estimator": DEFAULT_ESTIMATOR if method.noise_rate_source == "estimated" else None,
    }


def noise_fields(noise: NoiseModel) -> dict[str, Any]:
    """Give what of a noise model enters a trial's configuration."""
    mixed = isinstance(noise, Mixture)
    return {
        "noise": str(noise),
        "noise_version": noise.version,
        "noise_source": source_digest(type(noise)),
        "noise_parameters": {"steps": [noise_fields(step) for step in noise.steps]}
        if mixed
        else parameters(noise) | noise.contents(),
    }


def recipe_fields(recipe: Recipe) -> dict[str, Any]:
    """Give what of a recipe enters a trial's configuration.

    A field that recipes gain later is left out while it has its default, so that the
    ids of finished trials stay as they are.
    """
    return without_later_defaults(recipe.as_config(), dataclass_defaults(type(recipe)), FIRST_RECIPE_FIELDS)


def parameters(member: Any) -> dict[str, Any]:
    """Every parameter with its value, defaults too: a default that changes must change
    the id.

    One that is None says nothing, so that a model may gain an option and its finished
    trials keep their ids.
    """
    values = {field.name: getattr(member, field.name) for field in dataclasses.fields(member)}
    return {name: value for name, value in values.items() if value is not None}
