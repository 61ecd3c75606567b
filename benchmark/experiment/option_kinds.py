"""Kinds of options: which values each may have in Python, and how a command line writes
it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from benchmark.contracts.parameters.bounds import check_real, check_seeds, check_whole
from benchmark.contracts.specs import split_outside_brackets


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of a run: what it is called, what it means and what it may be.

    Parameters
    ----------
    help
        One sentence for people.
    panel
        The heading under which `--help` shows it. None is the general one.
    flag
        The name on the command line where it is not that of the field.
    default
        Its value where none is given. None leaves the choice to the grid or machine.
    run_only
        Whether `plan`, which starts nothing, lacks it.
    """

    help: str
    panel: str | None = None
    flag: str | None = None
    default: Any = None
    run_only: bool = False

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for a value that the option cannot have."""

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return str | None

    def parse(self, flag: str, value: Any) -> Any:
        """Give the value in Python for what the command line read."""
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Option):
    """One text."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is no text."""
        if not isinstance(value, str):
            raise BenchmarkError(f"{flag} is {value!r}; give a text.")


@dataclass(frozen=True, kw_only=True)
class OneOf(Text):
    """One of a few names."""

    known: tuple[str, ...]

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for an unknown name."""
        if value not in self.known:
            raise UnknownNameError(flag.removeprefix("--"), str(value), self.known)


@dataclass(frozen=True, kw_only=True)
class Names(Option):
    """A list of names, which the command line separates by commas."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is no list of texts."""
        _check_texts(flag, value)

    def parse(self, flag: str, value: Any) -> Any:
        """Split at commas outside brackets."""
        return split_list(value)


@dataclass(frozen=True, kw_only=True)
class Texts(Option):
    """Texts, each of which is given by an option of its own."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is no list of texts."""
        _check_texts(flag, value)

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return list[str] | None


@dataclass(frozen=True, kw_only=True)
class SomeTexts(Texts):
    """One text, or several, each of which is given by an option of its own."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is neither."""
        super().check(flag, [value] if isinstance(value, str) else value)

    def parse(self, flag: str, value: Any) -> Any:
        """Give one as itself, as Python writes it."""
        return value[0] if len(value) == 1 else tuple(value)


@dataclass(frozen=True, kw_only=True)
class Whole(Option):
    """A whole number between two others, both included."""

    least: int
    most: int

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for a number that is not whole or beyond the
        bounds.
        """
        check_whole(flag, value, self.least, self.most)

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return int | None


@dataclass(frozen=True, kw_only=True)
class Real(Option):
    """A finite number between two others; `above` excludes the lower one."""

    least: float
    most: float
    above: bool = False

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is no number or beyond the bounds."""
        check_real(flag, value, self.least, self.most, above=self.above)

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return float | None


@dataclass(frozen=True, kw_only=True)
class Seeds(Option):
    """How many seeds there are, or the seeds themselves."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is neither."""
        check_seeds(value)

    def parse(self, flag: str, value: Any) -> Any:
        """Read a number, or seeds where there is a comma."""
        return read_seeds(value)


@dataclass(frozen=True, kw_only=True)
class Switch(Option):
    """Something that is done or not."""

    default: bool = False

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is not True or False."""
        if not isinstance(value, bool):
            raise BenchmarkError(f"{flag} is {value!r}; give True or False.")

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return bool


@dataclass(frozen=True, kw_only=True)
class File(Option):
    """A path."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is no path."""
        if not isinstance(value, str | os.PathLike):
            raise BenchmarkError(f"{flag} is {value!r}; give a path.")

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return Path | None


@dataclass(frozen=True, kw_only=True)
class Files(Option):
    """Paths, each of which is given by an option of its own."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is no list of paths."""
        _check_each(flag, value, str | os.PathLike, "paths")

    @property
    def written(self) -> Any:
        """The type that the command line reads."""
        return list[Path] | None


@dataclass(frozen=True, kw_only=True)
class SomeFiles(Files):
    """One path, or several, each of which is given by an option of its own."""

    def check(self, flag: str, value: Any) -> None:
        """Raise a BenchmarkError for what is neither."""
        super().check(flag, [value] if isinstance(value, str | os.PathLike) else value)

    def parse(self, flag: str, value: Any) -> Any:
        """Give one as itself, as Python writes it."""
        return value[0] if len(value) == 1 else tuple(value)


def split_list(text: str) -> tuple[str, ...]:
    """Give the items of a comma-separated list; commas inside brackets do not split.

    >>> split_list("gce[q=0.4,x=1],elr")
    ('gce[q=0.4,x=1]', 'elr')
    """
    found = tuple(filter(None, split_outside_brackets(text, ",")))
    if not found:
        raise BenchmarkError(f"The list '{text}' names nothing.")
    return found


def read_seeds(text: str) -> int | tuple[int, ...]:
    """Give a number of seeds, or the seeds themselves where there is a comma.

    >>> read_seeds("3"), read_seeds("0,7")
    (3, (0, 7))
    """
    try:
        numbers = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 0 or (len(numbers) == 1 and "," not in text and numbers[0] == 0):
        raise BenchmarkError(f"--seeds is '{text}'. Give how many (3), or the seeds themselves (0,1,2).")
    return numbers if "," in text else numbers[0]


def _check_texts(flag: str, value: Any) -> None:
    _check_each(flag, value, str, "names")


def _check_each(flag: str, value: Any, kind: Any, what: str) -> None:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    if not listed or not all(isinstance(item, kind) for item in value):
        raise BenchmarkError(f"{flag} is {value!r}; give a list of {what}.")
