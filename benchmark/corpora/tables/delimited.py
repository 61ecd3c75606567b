"""Rows of text files whose cells stand between separators, and of all that has a header
row.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.layout import HEADER_AGAIN, Layout, Row

LONGEST_CELL = 2**31 - 1
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
ESCAPED = re.compile(r'\\(["\\])')


BROKEN = re.compile(r"\\([\\\n\t])")
"""A break that a database wrote into a text, behind a backslash."""

MOST_LINES_OF_HEADER = 2
ID_OF_QUALTRICS = '{"ImportId"'
KINDS_OF_ANSWER = {"Response", "Open-Ended Response"}
"""What SurveyMonkey writes below the names of columns."""

DUMPED = re.compile(r"\\(.)")
SIGNS = {"n": "\n", "t": "\t", "r": "\r", "N": "", "0": ""}


def _escape(found: re.Match[str]) -> str:
    return "\\" + {"\n": "n", "\t": "t"}.get(found[1], found[1])


def _unescape(found: re.Match[str]) -> str:
    return SIGNS.get(found[1], found[1])


def delimited_rows(path: Path, text: str, layout: Layout) -> Iterator[Row]:
    """The rows of a text in the order of the file.

    Those that have too many or too few cells carry the problem.
    """
    cells = split_cells(path, text, layout)
    names = next(cells, (1, []))[1] if layout.header else None
    return named_rows(path, names, ((line, row) for line, row in cells if row), layout.by_number)


def split_cells(path: Path, text: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line that has some, with the number of the line they end in.

    A quote without its partner is an error that names the row's lines.
    """
    # Python refuses cells above 131,072 characters unless told, and texts may be longer.
    csv.field_size_limit(LONGEST_CELL)
    said = SEPARATOR_LINE.match(text)
    text = text[said.end() :] if said else text
    if layout.backslashes and layout.quotes:
        text = ESCAPED.sub(lambda found: '""' if found[1] == '"' else "\\", text)
    if not layout.quotes:
        text = text.replace("\r\n", "\n")
        dumped = layout.backslashes
        for number, line in enumerate((BROKEN.sub(_escape, text) if dumped else text).split("\n"), start=1):
            if line:
                row = line.split(layout.separator)
                yield number, [DUMPED.sub(_unescape, cell) for cell in row] if dumped else row
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=layout.separator, strict=True)
    begins = 1
    try:
        for row in rows:
            if row:
                yield rows.line_num, row
            begins = rows.line_num + 1
    except csv.Error as error:
        raise BenchmarkError(
            f"Cannot read {path} as {layout.format} in {layout.encoding}: {error}, in the row that begins in line "
            f"{begins} (read up to line {rows.line_num}). A quote inside a quoted text must be doubled, and one that "
            "opens must be closed."
        ) from None


def named_rows(
    path: Path, names: Sequence[str] | None, rows: Iterable[tuple[int, list[Any]]], by_number: bool = False
) -> Iterator[Row]:
    """Rows below a header, by the names of their columns or, without one, as lists.

    Cells without a name are passed over. A name that stands twice is an error unless
    columns have numbers.
    """
    kept = _kept(path, names, by_number)
    wide = None if names is None else len(names)
    number = 0
    rows = iter(rows)
    first = list(itertools.islice(rows, MOST_LINES_OF_HEADER))
    of_header = 0 if names is None else _lines_of_header([row for _, row in first])
    for line, row in itertools.chain(first, rows):
        if names is not None and (row == names or number < of_header):
            number += 1
            yield Row(number, row, HEADER_AGAIN)
            continue
        number += 1
        wide = len(row) if wide is None else wide
        if len(row) != wide:
            row, problem = _evened(row, names, wide, line)
            if problem:
                yield Row(number, row, problem)
                continue
        yield Row(number, row if kept is None else {name: row[place] for place, name in kept})


def _lines_of_header(first: Sequence[Sequence[Any]]) -> int:
    """How many of the first rows go on with the header, as surveys write them.

    Qualtrics puts the questions and ids of the columns there, SurveyMonkey the kind of
    each answer.
    """
    lines = [[str(cell).strip() for cell in row] for row in first]
    for number, cells in enumerate(lines, start=1):
        if any(cell.startswith(ID_OF_QUALTRICS) for cell in cells):
            return number
    surveyed = bool(lines) and not lines[0][0] and bool(KINDS_OF_ANSWER & set(lines[0]))
    return 1 if surveyed else 0


def _kept(path: Path, names: Sequence[str] | None, by_number: bool) -> list[tuple[int, str]] | None:
    """The places of the columns that have a name, or None where rows stay lists."""
    if names is None or by_number:
        return None
    kept = [(place, str(name)) for place, name in enumerate(names) if str(name).strip()]
    known = [name for _, name in kept]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        raise BenchmarkError(
            f"{path} has two columns of one name: {', '.join(twice)}. Rename one of them, or name columns by number, "
            "from 0."
        )
    return kept


def _evened(row: list[Any], names: Sequence[str] | None, wide: int, line: int) -> tuple[list[Any], str]:
    """The row with as many cells as the header has, where only empty or unnamed ones
    differ; else why not.
    """
    if len(row) > wide and not any(str(cell or "").strip() for cell in row[wide:]):
        return row[:wide], ""
    if len(row) < wide and names is not None and not any(str(name or "").strip() for name in names[len(row) :]):
        return [*row, *[""] * (wide - len(row))], ""
    against = "the first row" if names is None else "its header"
    return row, (
        f"(ends in line {line}) has {len(row)} cells, {against} {wide}: a text with a separator or a line break in it "
        "must stand in quotes"
    )
