"""What a parameter of a method or a noise may be, declared beside its field by `Annotated`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from benchmark.contracts.errors import BenchmarkError, UnknownNameError


@dataclass(frozen=True)
class Sizes:
    """Sizes of a cell that bound parameters; None where a size is not known yet.

    `train_rows`: labelled training texts. `epochs`: the recipe's. `batch_size`: the texts
    of its batches, at most all training texts.
    """

    train_rows: int | None = None
    classes: int | None = None
    epochs: int | None = None
    batch_size: int | None = None

    def bound(self, name: str) -> float | None:
        """The number that a bound of this name stands for; None where it is not known.

        >>> Sizes(train_rows=60, epochs=10).bound("other_train_rows")
        59
        """
        size, less = BOUNDS[name].size, BOUNDS[name].less
        value: int | None = getattr(self, size)
        if value is None:
            return None
        return 1.0 - less / value if BOUNDS[name].share else value - less


@dataclass(frozen=True)
class Bound:
    """A number that is known once a cell is: a size less some, or that as a share of the size."""

    size: str
    less: int
    words: str
    share: bool = False


BOUNDS = {
    "train_rows": Bound("train_rows", 0, "the number of training texts"),
    "other_train_rows": Bound("train_rows", 1, "the number of training texts less one"),
    "last_class": Bound("classes", 1, "the number of the last class"),
    "batch_size": Bound("batch_size", 0, "the number of texts in a batch"),
    "last_epoch": Bound("epochs", 1, "the share of the training before its last epoch", share=True),
}
"""Upper ends by name, as in `Within(1, "train_rows")`."""


@dataclass(frozen=True)
class Within:
    """A range of numbers; `ends` says which of its ends belong to it.

    `high` is a number, infinity for no upper end, or a name of `BOUNDS` for one that the data or the recipe sets.

    >>> Within(0, 1, "(]").holds(0), Within(0, 1, "(]").holds(1)
    (False, True)
    """

    low: float
    high: float | str = math.inf
    ends: Literal["[]", "(]", "[)", "()"] = "[]"

    def __post_init__(self) -> None:
        if self.ends not in ("[]", "(]", "[)", "()"):
            raise BenchmarkError(f"The ends of a range are '[]', '(]', '[)' or '()'; '{self.ends}' was given.")
        if isinstance(self.high, str):
            if self.high not in BOUNDS:
                raise UnknownNameError("upper end of a range:", self.high, BOUNDS)
        elif not self.low <= self.high:
            raise BenchmarkError(f"A range from {self.low:g} to {self.high:g} holds no number. Swap its ends.")

    def holds(self, value: float) -> bool:
        """Whether a finite number lies in the range; an end that the data set is not looked at."""
        high = math.inf if isinstance(self.high, str) else self.high
        above = value > self.low if self.ends[0] == "(" else value >= self.low
        below = value < high if self.ends[1] == ")" else value <= high
        # NaN is never between, and no infinity is a parameter.
        return above and below and -math.inf < value < math.inf

    def __str__(self) -> str:
        opening, closing = self.ends
        if self.high == math.inf:
            return f"above {self.low:g}" if opening == "(" else f"of {self.low:g} or more"
        if isinstance(self.high, str):
            return f"from {self.low:g} to {BOUNDS[self.high].words}"
        return f"in {opening}{self.low:g}, {self.high:g}{closing}"


def at_least(low: float) -> Within:
    """The finite numbers from `low` on."""
    return Within(low)


def above(low: float) -> Within:
    """The finite numbers above `low`."""
    return Within(low, ends="(]")


@dataclass(frozen=True)
class Matching:
    """Texts that match a regular expression as a whole; `words` says in plain words which those are."""

    pattern: str
    words: str

    def holds(self, value: str) -> bool:
        """Whether the text matches."""
        return re.fullmatch(self.pattern, value) is not None

    def __str__(self) -> str:
        return self.words


Range = Within | Matching

NoiseRate = Annotated[float, Within(0, 1, "[)")]
"""The type of a noise's field `rate`."""

PathText = r"[^\s,](?:[^,]*[^\s,])?"
"""The pattern of a path that can stand in `name(path)`: no comma, and no space at its ends."""


def listed(parts: Sequence[Any]) -> str:
    """Parts as an alternative in words.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    texts = list(map(str, parts))
    return " or ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
