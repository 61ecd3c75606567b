"""A trial's exact configuration, its id and its cell."""

from __future__ import annotations

import dataclasses
import json
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, SerializerFunctionWrapHandler, model_serializer

from benchmark.contracts import BenchmarkError, Method, Mixture, NoiseModel, method_from, noise_from
from benchmark.contracts.hashes import sha256_hex
from benchmark.contracts.parameters.bounds import MOST_EXAMPLES, MOST_SEED
from benchmark.contracts.parameters.later_fields import without_later_defaults
from benchmark.records.code.plugins import source_digest
from benchmark.records.schema import PROTOCOL_VERSION

ID_DIGITS = 16

ExampleCount = Annotated[int, Field(strict=True, ge=1, le=MOST_EXAMPLES)]


class Configuration(BaseModel):
    """A part of what a trial's id is made of.

    A field that a subclass gains later needs a default, and is left out of the
    configuration while it has it. The ids of finished trials then stay as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_fields: ClassVar[frozenset[str]] = frozenset()
    """The fields that are always written. The list never grows."""

    @model_serializer(mode="wrap")
    def _without_later_defaults(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = serialise(self)
        defaults = _later_defaults(type(self))
        if not defaults:
            return written
        later = without_later_defaults({name: getattr(self, name) for name in defaults}, defaults, ())
        return {name: value for name, value in written.items() if name not in defaults or name in later}


@cache
def _later_defaults(configuration: type[Configuration]) -> dict[str, Any]:
    """The defaults of the fields that a configuration gained after its first ones."""
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in configuration.model_fields.items()
        if not field.is_required() and name not in configuration.first_fields
    }


class Limits(Configuration):
    """How many texts a split may have.

    They are cut by hash of the id. None means all.
    """

    first_fields = frozenset({"train", "valid", "test"})

    train: ExampleCount | None = None
    valid: ExampleCount | None = None
    test: ExampleCount | None = None

    def by_split(self) -> dict[str, int]:
        """The limits that are set."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class TrialConfig(Configuration):
    """Everything that can change a trial's result, and nothing that cannot."""

    first_fields = frozenset(
        {
            "protocol", "method", "method_version", "method_source", "parameters",
            "corpus", "card", "noise", "noise_version", "noise_source", "noise_parameters",
            "encoder", "weights", "recipe", "limits", "estimator", "seed", "threads",
        }
    )  # fmt: skip

    protocol: int = PROTOCOL_VERSION
    method: str
    method_version: int
    method_source: str | None = None
    parameters: dict[str, Any] = {}
    corpus: str
    card: str
    noise: str
    noise_version: int
    noise_source: str | None = None
    noise_parameters: dict[str, Any] = {}
    encoder: str
    weights: str
    recipe: dict[str, Any]
    limits: Limits = Limits()
    estimator: str | None = None
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)]
    threads: PositiveInt = 1

    @cached_property
    def id(self) -> str:
        """The trial's id: a hash of the whole configuration."""
        return digest(self.model_dump(mode="json"))

    @cached_property
    def cell(self) -> str:
        """What may be compared with this trial, whatever the method and the seed."""
        ignored = {"method", "method_version", "method_source", "parameters", "seed", "estimator"}
        return digest(self.model_dump(mode="json", exclude=ignored))

    @property
    def label(self) -> tuple[str, str, str, str, int]:
        """What a person calls the trial: method, corpus, noise, encoder, seed."""
        return self.method, self.corpus, self.noise, self.encoder, self.seed

    @property
    def method_name(self) -> str:
        """The method without its parameters."""
        return self.method.partition("[")[0]

    def make_method(self) -> Method:
        """The method instance."""
        return method_from(self.method)

    def make_noise(self) -> NoiseModel:
        """The noise model."""
        return noise_from(self.noise)


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""Made once: tens of thousands of digests are taken for a large plan."""


def digest(value: Any) -> str:
    """A hash of anything JSON can hold, 16 hexadecimal digits, whatever the order of
    keys.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return sha256_hex(_canonical(value), digits=ID_DIGITS)


def parameters(member: Method | NoiseModel) -> dict[str, Any]:
    """Give every parameter with its value, defaults too: a default that changes must
    change the id.

    One that is None says nothing, so that a model may gain an option and its finished
    trials keep their ids.
    """
    values = {field.name: getattr(member, field.name) for field in dataclasses.fields(member)}  # type: ignore[arg-type]
    return {name: value for name, value in values.items() if value is not None}


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


def differences(old: Any, new: Any, longest: int | None = None, where: str = "") -> list[str]:
    """Give the fields in which two contents differ, each with both values.

    Parameters
    ----------
    old, new
        Nested dicts. A key that one of them lacks counts as None.
    longest
        The length at which a value is cut. None leaves every value whole.
    where
        The name of the field that holds these contents.

    >>> differences({"seed": 1, "of": {"epochs": 2}}, {"seed": 1, "of": {"epochs": 3}})
    ['of.epochs: 2 → 3']
    """
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        parts = [(old.get(key), new.get(key), f"{where}.{key}" if where else str(key)) for key in keys]
        return [line for before, after, name in parts for line in differences(before, after, longest, name)]
    return [] if old == new else [f"{where}: {_cut(old, longest)} → {_cut(new, longest)}"]


def _cut(value: Any, longest: int | None) -> str:
    text = str(value)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def find_trial(configs: list[TrialConfig], prefix: str) -> TrialConfig:
    """The trial whose id begins with `prefix`; none or several is an error."""
    found = {config.id: config for config in configs if config.id.startswith(prefix)}
    if len(found) != 1:
        raise BenchmarkError(f"{len(found)} trials have an id that begins with '{prefix}'; give more digits of one id.")
    return next(iter(found.values()))
