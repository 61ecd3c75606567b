"""The cells of a row: found by the name or number of their column, read as a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmark.contracts import BenchmarkError, UnknownNameError

Column = str | int

MOST_PARTS = 3


def cell(row: Any, column: Column, where: str) -> Any:
    """One cell of a row; points lead into the objects and lists of a JSON row.

    A column that is not there is an error with the nearest names.
    """
    if isinstance(row, dict):
        if column in row:
            return row[column]
        found = list(_inside(row, str(column)))
        if not found:
            raise UnknownNameError("column", str(column), map(str, row), f"Looked for in {where}.")
        return found[0]
    if not isinstance(column, int) or not 0 <= column < len(row):
        raise BenchmarkError(f"{where} has no column {column}: without a header, columns are 0 to {len(row) - 1}.")
    return row[column]


def found_cell(row: Any, column: Column) -> Any:
    """As `cell`, but None where a JSON row lacks the column."""
    if isinstance(row, dict):
        return row[column] if column in row else next(_inside(row, str(column)), None)
    return row[column]


def _inside(value: Any, path: str) -> Iterator[Any]:
    """What the path leads to; a name may itself have points, and the longest goes
    first.
    """
    if isinstance(value, Mapping):
        parts = path.split(".")
        for count in range(len(parts), 0, -1):
            name, rest = ".".join(parts[:count]), ".".join(parts[count:])
            if name in value:
                yield from [value[name]] if not rest else _inside(value[name], rest)
    elif isinstance(value, list):
        number, _, rest = path.partition(".")
        if number.isdecimal() and int(number) < len(value):
            yield from [value[int(number)]] if not rest else _inside(value[int(number)], rest)


def paths_of(row: Mapping[str, Any], depth: int = MOST_PARTS) -> Iterator[str]:
    """The columns of a JSON row, those inside objects with points.

    >>> list(paths_of({"id": 1, "data": {"text": "It rains"}}))
    ['id', 'data.text']
    """
    for name, value in row.items():
        if isinstance(value, Mapping) and value and depth > 1:
            yield from (f"{name}.{inner}" for inner in paths_of(value, depth - 1))
        else:
            yield str(name)


def label_text(value: Any) -> str:
    """A cell of labels as the name of a class: null and not-a-number are empty, whole
    numbers have no point, and a list of one is its member.

    >>> label_text(2.0), label_text(" good "), label_text(None)
    ('2', 'good', '')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple) and len(value) < 2:
        return label_text(value[0]) if value else ""
    return str(value).strip()
