"""The contract of a noise model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, dataclass_transform

import numpy as np
import numpy.typing as npt

from benchmark.contracts.registry import Registry
from benchmark.contracts.seeds import Draws
from benchmark.contracts.specs import build, split_call, write_call
from benchmark.contracts.views import LabelArray

FloatArray = npt.NDArray[np.float64]

UNLABELLED = -1
"""Noisy label of an example that the source of labels did not cover; the harness drops such rows."""


@dataclass(frozen=True)
class NoiseInputs:
    """What a noise model may look at, for one split.

    `clean_labels`: int64 (N,). `features`: float64 (N, F), centred and whitened by the training split, for models
    that set `reads_features`. `observed`: by source name, int64 (N,), -1 where the source gave no label. `votes`: for
    sources of votes, int64 (N, R), -1 where a voter is silent; `train_votes`: the same of the training split, for
    models that are fitted there.
    """

    clean_labels: LabelArray
    num_classes: int
    draws: Draws
    features: FloatArray | None = None
    observed: Mapping[str, LabelArray] = field(default_factory=dict)
    votes: Mapping[str, LabelArray] = field(default_factory=dict)
    train_votes: Mapping[str, LabelArray] = field(default_factory=dict)


class NoiseModel:
    """What turns clean labels into noisy ones; a frozen dataclass whose fields are its parameters.

    `version` is part of every trial's id. A field called `rate` is the requested share of wrong labels. Observed noise
    alone needs no clean labels to start from.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    citation: ClassVar[str] = ""
    reads_features: ClassVar[bool] = False
    reads_clean_labels: ClassVar[bool] = True

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Noisy labels, int64 (N,), in [0, C) or -1 for unlabelled; the inputs stay untouched."""
        raise TypeError(f"Noise '{self.name}' does not define corrupt.")

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
    def keeps_unlabelled(self) -> bool:
        """Whether methods that need `unlabelled_texts` are handed the rows without a label."""
        return False

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
