"""Texts that a program gives, checked before an encoder reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from typing import Any

from benchmark.contracts.errors import BenchmarkError

HALF = re.compile("[\ud800-\udfff]")


def plain_values(given: Any) -> Any:
    """Give an array of pyarrow as a list of Python's values, and all else as it is."""
    return given.to_pylist() if hasattr(given, "to_pylist") else given


def given_texts(given: Any, name: str = "texts") -> list[str]:
    """Give the texts as a list; errors call them by the name.

    One text in place of several, a table in place of its column of texts, what has no
    order, a row that is no text, and half a letter, which no encoder reads, are a
    BenchmarkError.
    """
    if isinstance(given, str):
        raise BenchmarkError("One text was given; a list of texts is needed.")
    if getattr(given, "ndim", 1) != 1:
        raise BenchmarkError(
            f"{name} has shape {tuple(given.shape)}; one text a row is needed. Give the column of texts alone, as in "
            f"{name}['text'] or {name}[:, 0]."
        )
    if isinstance(given, Mapping | Set) or not isinstance(given, Iterable):
        raise BenchmarkError(f"{name} is of type {type(given).__name__}; a list or column of texts is needed.")
    found = list(plain_values(given))
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise BenchmarkError(
                f"{name}[{place}] is {text!r}; every row of {name} must be a text. Fill it or leave it out."
            )
        if HALF.search(text):
            raise BenchmarkError(
                f"{name}[{place}] has half a letter (a lone surrogate, left where a text was cut within an "
                "emoji). Take it out, or put U+FFFD in its place."
            )
    return [str(text) for text in found]
