"""Ranges of parameters, which fields of methods and noises declare by `Annotated`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from benchmark.contracts.errors import BenchmarkError, UnknownNameError


@dataclass(frozen=True)
class Sizes:
    """The sizes of a cell that bound parameters; None stands for one not known yet.

    Parameters
    ----------
    train_rows : labelled training texts.
    classes : classes of the corpus.
    epochs : epochs of the recipe.
    batch_size : texts of the recipe's batches, at most all training texts.
    """

    train_rows: int | None = None
    classes: int | None = None
    epochs: int | None = None
    batch_size: int | None = None

    def bound(self, name: str) -> float | None:
        """Give the number that a named upper end stands for, or None if unknown.

        Parameters
        ----------
        name : a key of `BOUNDS`.

        >>> Sizes(train_rows=60, epochs=10).bound("other_train_rows")
        59
        """
        bound = BOUNDS[name]
        size: int | None = getattr(self, bound.size)
        if size is None:
            return None
        return 1.0 - bound.less / size if bound.as_share else size - bound.less


@dataclass(frozen=True)
class Bound:
    """An upper end that a cell sets: a size minus `less`, or that as a share of it."""

    size: str
    less: int
    words: str
    as_share: bool = False


BOUNDS = {
    "train_rows": Bound("train_rows", 0, "the number of training texts"),
    "other_train_rows": Bound("train_rows", 1, "the number of training texts less one"),
    "last_class": Bound("classes", 1, "the number of the last class"),
    "batch_size": Bound("batch_size", 0, "the number of texts in a batch"),
    "last_epoch": Bound("epochs", 1, "the share of the training before its last epoch", as_share=True),
}
"""The upper ends that a range may name, as in `Within(1, "train_rows")`."""


@dataclass(frozen=True)
class Within:
    """A range of numbers.

    Parameters
    ----------
    low : the lower end.
    high : the upper end, infinity for none, or a key of `BOUNDS`.
    ends : brackets that say which ends belong to the range.

    >>> Within(0, 1, "(]").holds(0), Within(0, 1, "(]").holds(1)
    (False, True)
    """

    low: float
    high: float | str = math.inf
    ends: Literal["[]", "(]", "[)", "()"] = "[]"

    def __post_init__(self) -> None:
        if self.ends not in ("[]", "(]", "[)", "()"):
            raise BenchmarkError(f"The ends of a range are '[]', '(]', '[)' or '()'; '{self.ends}' was given.")
        ends = (self.low,) if isinstance(self.high, str) else (self.low, self.high)
        for end in ends:
            if not isinstance(end, int | float):
                raise BenchmarkError(
                    f"An end of a range is a number; {end!r} was given. A range without an upper end is "
                    "at_least(LOW) or above(LOW)."
                )
        if isinstance(self.high, str):
            if self.high not in BOUNDS:
                raise UnknownNameError("upper end of a range:", self.high, BOUNDS)
        elif not self.low <= self.high:
            raise BenchmarkError(f"A range from {self.low:g} to {self.high:g} holds no number. Swap its ends.")

    def holds(self, value: float) -> bool:
        """Tell whether a number is finite and lies in the range, named ends apart."""
        high = math.inf if isinstance(self.high, str) else self.high
        above_low = value > self.low if self.ends[0] == "(" else value >= self.low
        below_high = value < high if self.ends[1] == ")" else value <= high
        # The last comparison refuses the infinities; NaN fails every one.
        return above_low and below_high and -math.inf < value < math.inf

    def __str__(self) -> str:
        opening, closing = self.ends
        if self.high == math.inf:
            return f"above {self.low:g}" if opening == "(" else f"of {self.low:g} or more"
        if isinstance(self.high, str):
            return f"from {self.low:g} to {BOUNDS[self.high].words}"
        return f"in {opening}{self.low:g}, {self.high:g}{closing}"


def at_least(low: float) -> Within:
    """Give the range of all finite numbers from `low` on."""
    return Within(low)


def above(low: float) -> Within:
    """Give the range of all finite numbers greater than `low`."""
    return Within(low, ends="(]")


@dataclass(frozen=True)
class Matching:
    """The texts that a regular expression matches as a whole.

    Parameters
    ----------
    pattern : the regular expression.
    words : the same in plain words, for messages.
    """

    pattern: str
    words: str

    def holds(self, value: str) -> bool:
        """Tell whether the text matches."""
        return re.fullmatch(self.pattern, value) is not None

    def __str__(self) -> str:
        return self.words


Range = Within | Matching

NoiseRate = Annotated[float, Within(0, 1, "[)")]
"""The type of the field `rate` of a noise."""

PathText = r".+"
"""The pattern of a path, which is one line.

A path that holds a sign of the grammar stands in quotes, as in `name("path")`.
"""


def listed(parts: Sequence[Any]) -> str:
    """Join parts to an alternative in words.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    texts = list(map(str, parts))
    return " or ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
