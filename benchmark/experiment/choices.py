"""What narrows or replaces the axes of a grid, and its check, wherever it comes
from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.contracts import BenchmarkError
from benchmark.contracts.parameters.bounds import MOST_EPOCHS, MOST_EXAMPLES, MOST_THREADS, check_seeds, check_whole


@dataclass(frozen=True)
class Choices:
    """How a grid is narrowed or replaced; None leaves an axis as the grid has it.

    `settings` read `method.field=value`. `limit_examples` bounds every split.
    """

    methods: Sequence[str] | None = None
    corpora: Sequence[str] | None = None
    noises: Sequence[str] | None = None
    encoders: Sequence[str] | None = None
    seeds: int | Sequence[int] | None = None
    settings: Sequence[str] = ()
    limit_examples: int | None = None
    epochs: int | None = None
    threads: int = 1


def check_choices(choices: Choices) -> None:
    """Raise a BenchmarkError for a choice of the wrong type or an absurd number,
    wherever it was made.
    """
    for axis in ("methods", "corpora", "noises", "encoders", "settings"):
        given = getattr(choices, axis)
        if given is not None and (isinstance(given, str) or not all(isinstance(name, str) for name in given)):
            raise BenchmarkError(f"{axis} is {given!r}; give a list of names.")
    check_whole("--threads-per-trial", choices.threads, 1, MOST_THREADS)
    if choices.limit_examples is not None:
        check_whole("--limit-examples", choices.limit_examples, 1, MOST_EXAMPLES)
    if choices.epochs is not None:
        check_whole("--epochs", choices.epochs, 1, MOST_EPOCHS)
    if choices.seeds is not None:
        check_seeds(choices.seeds)
