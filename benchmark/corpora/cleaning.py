"""Cleaning steps by name, each with a version that enters the card's digest.

A card lists the steps of each split in order. Test is cleaned first, then validation,
then train, so that a step on train may compare with the others as they will be used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.specs import split_call
from benchmark.corpora import posts
from benchmark.corpora.card import SplitName
from benchmark.corpora.corpus import Split

Splits = Mapping[str, Split]
TextStep = Callable[[str], str]
RowStep = Callable[..., list[bool]]

CLEANING_ORDER: tuple[SplitName, ...] = ("test", "valid", "train")


@dataclass(frozen=True)
class Step:
    """One cleaning step with its arguments: `apply` maps a split, and all splits by
    name, to the cleaned split.
    """

    name: str
    version: int
    apply: Callable[[Split, Splits], Split]


_texts: dict[str, tuple[int, TextStep]] = {}
_rows: dict[str, tuple[int, int, RowStep]] = {}


def text_step(version: int = 1) -> Callable[[TextStep], TextStep]:
    """Register a function of one text."""

    def add(function: TextStep) -> TextStep:
        _texts[function.__name__] = (version, function)
        return function

    return add


def row_step(version: int = 1, arguments: int = 0) -> Callable[[RowStep], RowStep]:
    """Register a function of (split, all splits, arguments) that says of each row
    whether it stays.
    """

    def add(function: RowStep) -> RowStep:
        _rows[function.__name__] = (version, arguments, function)
        return function

    return add


@functools.cache
def parse_step(text: str) -> Step:
    """The step that a text such as `lower_case` or `drop_ids(10-20)` names."""
    name, arguments, named = split_call(text, "cleaning step")
    if name not in _texts and name not in _rows:
        raise UnknownNameError("cleaning step", name, step_names())
    takes = _rows[name][1] if name in _rows else 0
    if named or len(arguments) != takes:
        raise BenchmarkError(f"Cleaning step '{text}' must have {takes} arguments. Correct the card.")
    if name in _texts:
        version, change = _texts[name]
        return Step(name, version, lambda split, _: replace(split, texts=tuple(map(change, split.texts))))
    version, _, keeps = _rows[name]
    return Step(
        name, version, lambda split, splits: split.rows(np.flatnonzero(np.array(keeps(split, splits, *arguments))))
    )


def step_names() -> tuple[str, ...]:
    """The names of all cleaning steps, sorted."""
    return tuple(sorted([*_texts, *_rows]))


def clean(
    splits: Splits, steps: Mapping[SplitName, tuple[str, ...]]
) -> tuple[dict[str, Split], dict[str, dict[str, int]]]:
    """The cleaned splits, and how many rows each step dropped of each split (steps that
    dropped none are left out).
    """
    cleaned = dict(splits)
    dropped: dict[str, dict[str, int]] = {}
    for name in CLEANING_ORDER:
        for text in steps.get(name, ()):
            if name not in cleaned:
                raise BenchmarkError(f"Cleaning is asked for split '{name}', which the source does not have.")
            before = len(cleaned[name])
            cleaned[name] = parse_step(text).apply(cleaned[name], cleaned)
            if lost := before - len(cleaned[name]):
                dropped.setdefault(name, {})[text] = lost
    return cleaned, dropped


def text_key(text: str) -> str:
    """What two copies of one text share: letters and digits, lower-case.

    >>> text_key("U.S. shares  fell") == text_key("US Shares fell")
    True
    """
    return "".join(filter(str.isalnum, text.lower()))


@text_step()
def strip_first_word(text: str) -> str:
    """The text after its first word."""
    return text.partition(" ")[2]


@text_step()
def lower_case(text: str) -> str:
    """The text in lower case."""
    return text.lower()


@text_step()
def collapse_whitespace(text: str) -> str:
    """Each run of white space as one space, none at the ends."""
    return " ".join(text.split())


@text_step()
def strip_headers(text: str) -> str:
    """A newsgroup post without its headers."""
    return posts.without_headers(text)


@text_step()
def strip_footers(text: str) -> str:
    """A newsgroup post without its signature."""
    return posts.without_footers(text)


@text_step()
def strip_quotes(text: str) -> str:
    """A newsgroup post without quoted lines."""
    return posts.without_quotes(text)


@row_step()
def drop_empty(split: Split, splits: Splits) -> list[bool]:
    """Rows with a text."""
    return [bool(text.strip()) for text in split.texts]


@row_step(arguments=1)
def drop_ids(split: Split, splits: Splits, span: str) -> list[bool]:
    """Rows whose number, their id, is outside `first-last`."""
    first, dash, last = span.partition("-")
    if not (first.isdigit() and dash and last.isdigit()):
        raise BenchmarkError(f"drop_ids({span}) must be as in drop_ids(10-20).")
    return [not (row.isdigit() and int(first) <= int(row) <= int(last)) for row in split.ids]


@row_step()
def drop_duplicate_texts(split: Split, splits: Splits) -> list[bool]:
    """Of rows with the same letters and digits, the one with the smallest id."""
    kept: dict[str, str] = {}
    keys = [text_key(text) for text in split.texts]
    for key, row in zip(keys, split.ids, strict=True):
        kept[key] = min(row, kept.get(key, row))
    return [kept[key] == row for key, row in zip(keys, split.ids, strict=True)]


@row_step(arguments=1)
def drop_texts_of(split: Split, splits: Splits, other: str) -> list[bool]:
    """Rows whose letters and digits are those of no row of another split."""
    if other not in splits:
        raise UnknownNameError("split", other, splits)
    taken = {text_key(text) for text in splits[other].texts}
    return [text_key(text) not in taken for text in split.texts]
