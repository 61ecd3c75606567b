"""What narrows or replaces the axes of a grid, wherever it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.experiment.options import default_of


@dataclass(frozen=True)
class Choices:
    """How a grid is narrowed or replaced; None leaves an axis as the grid has it.

    The fields are those of `RunOptions` that have the same names.
    """

    methods: Sequence[str] | None = None
    corpora: Sequence[str] | None = None
    noises: Sequence[str] | None = None
    encoders: Sequence[str] | None = None
    seeds: int | Sequence[int] | None = None
    settings: Sequence[str] = ()
    limit_examples: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    precision: str | None = None
    threads_per_trial: int = default_of("threads_per_trial")
