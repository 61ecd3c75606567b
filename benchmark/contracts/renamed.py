"""Names of the first release, for plug-ins: each leads to the present one and warns
once.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any

NAMES = {"Findings": "TrainingDiagnostics", "Kit": "Trainer", "Seen": "OutputHistory"}
ATTRIBUTES = {"reads": "predicts_from", "network_count": "networks"}
BASES = {"wants_rate": "UsesNoiseRate", "uses_noise_rate": "UsesNoiseRate"}
"""Attributes that a base class has taken the place of."""

PREDICTS_FROM = {"latest": "current_probabilities", "last": "final_embeddings", "all": "trajectory"}


@functools.cache
def warn_once(old: str, new: str) -> None:
    """Tell the author of a plug-in, once a process, what to write instead."""
    # A FutureWarning, because Python hides a DeprecationWarning that a plug-in raises.
    warnings.warn(f"{old} is {new} now; the old name goes with the next release.", FutureWarning, stacklevel=3)


class Renamed:
    """An attribute under its earlier name."""

    def __init__(self, new: str) -> None:
        self._new = new

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._old = name

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        warn_once(f"{owner.__name__}.{self._old}", self._new)
        return getattr(owner if instance is None else instance, self._new)


def adopt_attributes(cls: type[Any]) -> None:
    """Set the present class attributes of a method that declares earlier ones."""
    for old, base in BASES.items():
        if old in cls.__dict__:
            warn_once(f"{cls.__name__}.{old}", f"what the base class {base} gives")
    for old, new in ATTRIBUTES.items():
        if old in cls.__dict__:
            warn_once(f"{cls.__name__}.{old}", new)
            value = cls.__dict__[old]
            setattr(cls, new, PREDICTS_FROM.get(value, value) if old == "reads" else value)
