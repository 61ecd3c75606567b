"""Rows of spreadsheets: Excel's files and OpenDocument's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.delimited import named_rows
from benchmark.corpora.tables.layout import Layout, Row


def workbook_rows(path: Path, content: bytes, layout: Layout) -> Iterator[Row]:
    """The rows of the first sheet that has some."""
    rows = ((number, _trimmed(row)) for number, row in enumerate(sheet_of(path, content)[1], start=1))
    filled = ((number, row) for number, row in rows if any(cell != "" for cell in row))
    names = [str(cell) for cell in next(filled, (1, []))[1]] if layout.header else None
    wide = len(names) if names is not None else 0
    return named_rows(path, names, ((n, _padded(row, wide)) for n, row in filled), layout.by_number)


def sheet_of(path: Path, content: bytes) -> tuple[str, list[list[Any]]]:
    """The name of the first sheet that has rows, and its rows."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise BenchmarkError(
            f"{path} is a spreadsheet, which needs the Python package python-calamine: pip install it, or save the "
            "sheet as CSV in UTF-8."
        ) from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            if rows := book.get_sheet_by_name(name).to_python():
                return name, rows
    except (CalamineError, ValueError, OSError) as error:
        raise BenchmarkError(f"Cannot read {path} as a spreadsheet: {error}.") from None
    return "", []


def _trimmed(row: list[Any]) -> list[Any]:
    """The row without empty cells at its end: a sheet is as wide as its widest row."""
    while row and row[-1] == "":
        row = row[:-1]
    return [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row]


def _padded(row: list[Any], wide: int) -> list[Any]:
    return [*row, *[""] * (wide - len(row))]
