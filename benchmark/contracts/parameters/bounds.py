"""The largest numbers that a request may hold: beyond them stands a slip of the hand,
or more than a machine can do.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from benchmark.contracts import BenchmarkError

MOST_SEED = 2**63 - 1
"""Archives keep a seed as a signed integer of 64 bits."""

MOST_SEEDS = 1_000
MOST_TRIALS = 1_000_000
MOST_EPOCHS = 10_000
MOST_BATCH = 1_000_000
LEAST_EXAMPLES = 8
MOST_EXAMPLES = 1_000_000_000
LEAST_TOKENS = 8
MOST_TOKENS = 1_000_000
MOST_WORKERS = 4_096
MOST_THREADS = 1_024
MOST_GPUS = 1_024
MOST_HOURS = 87_660.0

MOST_BITS_SHOWN = 256


def check_whole(name: str, number: Any, least: int, most: int, hint: str = "") -> None:
    """Raise a BenchmarkError unless a number is whole and lies between two others, both
    included.
    """
    try:
        whole = None if isinstance(number, bool) else operator.index(number)
    except TypeError:
        whole = None
    if whole is None:
        raise BenchmarkError(f"{name} is {number!r}; give a whole number from {least} to {most}.")
    if not least <= whole <= most:
        nearest = least if whole < least else most
        raise BenchmarkError(
            f"{name} is {_shown(whole)}; at {'least' if whole < least else 'most'} {nearest} is allowed."
            + (f" {hint}" if hint else "")
        )


def check_real(name: str, number: Any, least: float, most: float, *, above: bool = False) -> None:
    """Raise a BenchmarkError unless a number is finite and lies between two others;
    `above`: the lower one excluded.
    """
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise BenchmarkError(f"{name} is {number!r}; give a number from {least:g} to {most:g}.")
    low = number > least if above else number >= least
    if not (math.isfinite(number) and low and number <= most):
        allowed = f"above {least:g} and at most {most:g}" if above else f"from {least:g} to {most:g}"
        raise BenchmarkError(f"{name} is {_shown(number)}; a number {allowed} is needed.")


def check_seeds(seeds: Any) -> None:
    """Raise a BenchmarkError unless `seeds` is how many there are, or a sequence of
    seeds.
    """
    if isinstance(seeds, Sequence) and not isinstance(seeds, str):
        check_whole("The number of seeds", len(seeds), 0, MOST_SEEDS)
        for seed in seeds:
            check_whole("A seed", seed, 0, MOST_SEED)
        return
    one = f"It was read as how many seeds; for the one seed {seeds} write --seeds {seeds}, with a comma."
    check_whole(
        "--seeds", seeds, 1, MOST_SEEDS, one if isinstance(seeds, int) and MOST_SEEDS < seeds <= MOST_SEED else ""
    )


def check_trials(*axes: int) -> None:
    """Raise a BenchmarkError where a grid has more trials than can be planned; `axes`:
    the length of each axis.
    """
    total = math.prod(axes)
    if total > MOST_TRIALS:
        product = " × ".join(f"{length:,}" for length in axes)
        raise BenchmarkError(
            f"The grid has {total:,} trials ({product} methods, cells, encoders and seeds); at most {MOST_TRIALS:,} "
            "are allowed. Narrow one of the axes."
        )


def _shown(number: float) -> str:
    # Python itself refuses to write a number of thousands of digits.
    if isinstance(number, int) and number.bit_length() > MOST_BITS_SHOWN:
        return f"a number of {number.bit_length()} bits"
    return str(number)
