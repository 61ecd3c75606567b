"""The columns that a user names, found in a file by name, by place or by path."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.cells import Column, found_cell, paths_of
from benchmark.corpora.tables.layout import Layout, Row
from benchmark.corpora.tables.reading import read_table

ROWS_LOOKED_AT = 1000
NAMELESS = ("json", "jsonl", "parquet", "arrow")
"""Formats whose rows carry the names of their cells."""


@dataclass(frozen=True)
class Found:
    """Where wanted columns are.

    `columns` maps the names that the file has to their place. `known` lists the names
    that it could have been. `remark`: what was decided about the header, or nothing.
    """

    layout: Layout
    columns: Mapping[str, Column]
    known: tuple[str, ...]
    remark: str = ""


def find_columns(path: Path, layout: Layout, wanted: Sequence[str], labels: Sequence[str]) -> Found:
    """Find the wanted columns of a file, each by its name or, from 0, by its number.

    Parameters
    ----------
    path: the file.
    layout: how it is written. Where it has no header, columns have numbers alone.
    wanted: the columns.
    labels: those of them that hold labels, which tell a first row from a header.
    """
    if layout.format in NAMELESS:
        return _in_objects(path, layout, wanted)
    first = next(read_table(path, layout.model_copy(update={"header": False})), None)
    if first is None:
        raise BenchmarkError(f"{path} has no rows.")
    header = [str(cell) for cell in first.cells]
    if not layout.header:
        numbers = tuple(map(str, range(len(header))))
        return Found(layout, {name: int(name) for name in wanted if name in numbers}, numbers)
    plain = {name: name for name in wanted if header.count(name) == 1}
    named = [name for name in header if name.strip()]
    if len(plain) == len(set(wanted)) and len(set(named)) == len(named):
        return Found(layout, plain, tuple(named))
    places = {name: place for name in wanted if (place := _place(path, name, header)) is not None}
    if not places:
        return Found(layout, {}, tuple(named))
    if any(_folded(name) in map(_folded, header) for name in places) or len(set(named)) != len(named):
        return Found(layout.model_copy(update={"by_number": True}), places, tuple(named))
    return _numbered(path, layout, header, places, [places[name] for name in labels if name in places])


def header_of(path: Path, layout: Layout) -> tuple[str, ...]:
    """The names that the columns of a file have."""
    if layout.format in NAMELESS:
        return _in_objects(path, layout, ()).known
    first = next(read_table(path, layout.model_copy(update={"header": False})), None)
    return () if first is None else tuple(str(cell) for cell in first.cells)


def _in_objects(path: Path, layout: Layout, wanted: Sequence[str]) -> Found:
    columns: dict[str, Column] = {}
    known: dict[str, None] = {}
    rows = read_table(path, layout)
    problems: list[str] = []
    for count, row in enumerate(_readable(rows, problems)):
        if count < ROWS_LOOKED_AT:
            known |= dict.fromkeys(paths_of(row))
        for name in wanted:
            if name not in columns and (name in row or found_cell(row, name) is not None):
                columns[name] = name
        if count >= ROWS_LOOKED_AT and len(columns) == len(set(wanted)):
            break
    if not known:
        raise BenchmarkError(f"{path} has no rows" + (f" that can be read: {problems[0]}." if problems else "."))
    return Found(layout, columns, tuple(known))


def _readable(rows: Iterator[Row], problems: list[str]) -> Iterator[Any]:
    """The cells of the rows that can be read; what is wrong with the others is kept."""
    for row in rows:
        if row.problem:
            problems.append(f"row {row.number} {row.problem}")
        else:
            yield row.cells


def _place(path: Path, name: str, header: Sequence[str]) -> int | None:
    """The place of a column by its name or by its number.

    Blanks around a name, and line breaks in it, are no part of it.
    """
    places = [place for place, known in enumerate(header) if _folded(known) == _folded(name)]
    if len(places) > 1:
        raise BenchmarkError(
            f"{path} has two columns of one name: {name} (at {', '.join(map(str, places))}). Rename one of them, or "
            "name the column by its number, from 0."
        )
    if places:
        return places[0]
    return int(name) if name.isdecimal() and int(name) < len(header) else None


def _folded(name: str) -> str:
    return " ".join(name.split())


def _numbered(
    path: Path, layout: Layout, header: Sequence[str], places: Mapping[str, int], labels: Sequence[int]
) -> Found:
    """Columns that have numbers only: the file may have a header nevertheless."""
    rows = read_table(path, layout.model_copy(update={"header": False}))
    first, *rest = itertools.islice((row for row in rows if not row.problem), ROWS_LOOKED_AT)
    has_header = bool(labels) and not any(_like_the_rest(first, rest, place) for place in labels)
    changes = {"by_number": True} if has_header else {"header": False}
    said = f"its first row ({', '.join(header)}) is taken for names" if has_header else "it has no header"
    remark = f"{path.name}: columns are numbered from 0, and {said}."
    return Found(layout.model_copy(update=changes), places, tuple(map(str, range(len(header)))), remark)


def _like_the_rest(first: Row, rest: Sequence[Row], place: int) -> bool:
    """Whether the first label could stand in any other row."""
    cell = str(first.cells[place]).strip()
    others = {str(row.cells[place]).strip() for row in rest}
    return cell in others or (cell.lstrip("-").isdecimal() and all(it.lstrip("-").isdecimal() for it in others))
