"""The contract of a noise model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, dataclass_transform

import numpy as np
import numpy.typing as npt

from benchmark.contracts.registry import Registry
from benchmark.contracts.seeds import Draws
from benchmark.contracts.specs import build, split_call, write_call
from benchmark.contracts.views import LabelArray

T = TypeVar("T")

FloatArray = npt.NDArray[np.float64]
TokenArray = npt.NDArray[np.int32]

UNLABELLED = -1
"""Noisy label of an example that the source of labels did not cover; the harness drops such rows."""


@dataclass(frozen=True)
class NoiseInputs:
    """What a noise model may look at, for one split.

    `clean_labels`: int64 (N,). `observed`: by source name, int64 (N,), -1 where the source gave no label.
    The rest is None but for models that ask for it. `features` (`reads_features`): float64 (N, F), centred and whitened
    by the training split. `teacher` (`reads_teacher`): float64 (N, C), probabilities of a classifier that learned from
    clean labels of other texts. `token_ids` (`reads_token_ids`): int32 (N, L), word pieces with zeros behind them.
    `texts` (`reads_texts`): N strings. `training` (`learns_from_training`): the training split's own inputs, None where
    this is the training split.
    """

    clean_labels: LabelArray
    num_classes: int
    draws: Draws
    features: FloatArray | None = None
    observed: Mapping[str, LabelArray] = field(default_factory=dict)
    teacher: FloatArray | None = None
    token_ids: TokenArray | None = None
    texts: Sequence[str] | None = None
    training: NoiseInputs | None = None

    def learned_from(self) -> NoiseInputs:
        """The training split's inputs: what a mechanism that is learned must be learned from, for every split."""
        return self.training or self


class NoiseModel:
    """What turns clean labels into noisy ones; a frozen dataclass whose fields are its parameters.

    `version` is part of every trial's id. A field called `rate` is the requested share of wrong labels.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    citation: ClassVar[str] = ""
    reads_features: ClassVar[bool] = False
    reads_teacher: ClassVar[bool] = False
    reads_token_ids: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = False
    learns_from_training: ClassVar[bool] = False

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Noisy labels, int64 (N,), in [0, C) or -1 for unlabelled; the inputs stay untouched."""
        raise TypeError(f"Noise '{self.name}' does not define corrupt.")

    def handed(self, value: T | None, what: str) -> T:
        """The value of a field of `NoiseInputs` that this model asked for; its absence is an error that says `what`."""
        from benchmark.contracts.errors import BenchmarkError

        if value is None:
            raise BenchmarkError(f"Noise '{self}' needs {what} of the texts; none were given.")
        return value

    def transition_matrix(self, num_classes: int) -> FloatArray | None:
        """T[k, j] = P(noisy = j | clean = k), shape (C, C), where the model has one law for all examples."""
        return None

    def rate_bound(self, num_classes: int) -> float:
        """The rate from which on the labels no longer identify the classes."""
        return 1.0

    def stream_name(self) -> str:
        """The model and its parameters without the rate: the name of its random streams, so rates are nested."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        rest = ",".join(f"{f.name}={getattr(self, f.name)}" for f in fields if f.name != "rate")
        return f"{self.name}({rest})"

    @property
    def kind(self) -> str:
        """The noise kind for blocks and tables: the model without its rate."""
        named = [f for f in dataclasses.fields(self) if f.name != "rate"]  # type: ignore[arg-type]
        given = [str(getattr(self, f.name)) for f in named if getattr(self, f.name) != f.default]
        return f"{self.name}({','.join(given)})" if given else self.name

    def __str__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        required = tuple(f.name for f in fields if f.default is dataclasses.MISSING)
        return write_call(self, "()", always=required)


noises: Registry[NoiseModel] = Registry("noise", "noise")


@dataclass_transform(frozen_default=True)
def register_noise(cls: type[Any]) -> type[Any]:
    """Make a noise class a frozen dataclass and add it to the registry."""
    made = dataclasses.dataclass(frozen=True, repr=False)(cls)
    return noises.register(made)


def noise_from(text: str) -> NoiseModel:
    """The noise model that a text such as `symmetric(0.4)` names; a rate outside [0, 1) is an error."""
    from benchmark.contracts.errors import BenchmarkError

    name, positional, named = split_call(text, "noise")
    model = build(noises[name], positional, named, "noise")
    rate = getattr(model, "rate", 0.0)
    if not 0.0 <= rate < 1.0:
        raise BenchmarkError(f"Noise '{text}' asks for a rate of {rate:g}; a rate lies in [0, 1).")
    return model
