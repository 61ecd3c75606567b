"""How a text file of cells is written, found by its rows: separator and quotes."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.delimited import SEPARATOR_LINE, split_cells
from benchmark.corpora.tables.layout import DELIMITERS, Layout

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", " ": "space"}
SAMPLE_ROWS = 200
LEAST_EVEN = 0.9
DUMP = re.compile(r"(^|\t)\\N(\t|\r?$)", re.MULTILINE)
"""A null as databases write it."""


def separator_named(given: str) -> str:
    """The separator that an option names: one sign, or `tab` and the like.

    >>> separator_named("tab"), separator_named(";")
    ('\\t', ';')
    """
    signs = {name: sign for sign, name in SEPARATOR_NAMES.items()} | {"\\t": "\t"}
    sign = signs.get(given.casefold(), given)
    if len(sign) != 1 or sign in '"\r\n':
        raise BenchmarkError(f"--separator is '{given}'; give one sign, or one of {', '.join(signs)}.")
    return sign


def find_separator(text: str, layout: Layout, wanted: Sequence[str]) -> str:
    """What stands between cells.

    The header that has the wanted columns decides. Without them it is what splits most
    rows into the same number of cells, and the format's own separator before others.
    """
    said = SEPARATOR_LINE.match(text)
    if said:
        return said[1]
    own = DELIMITERS.get(layout.format, ",")
    candidates = [own, *(sign for sign in SEPARATORS if sign != own)]
    return max(candidates, key=lambda sign: _fitness(text, sign, wanted))


def _fitness(text: str, separator: str, wanted: Sequence[str]) -> tuple[int, bool, int]:
    rows = _sample(text, separator)
    if not rows:
        return 0, False, 0
    header = {name.strip() for name in rows[0]}
    ((width, count),) = Counter(map(len, rows)).most_common(1)
    even = width > 1 and count >= LEAST_EVEN * len(rows)
    return sum(name in header for name in wanted), even, width if even else 0


def _sample(text: str, separator: str) -> list[list[str]]:
    """The cells of the first rows, as far as they can be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        for row in itertools.islice(filter(None, reader), SAMPLE_ROWS):
            rows.append(row)
    return rows


def find_quotes(path: Path, text: str, layout: Layout) -> Layout:
    """The layout with what quotes and backslashes mean.

    In a .tsv file a quote is a letter, unless the file shows that cells were quoted. A
    file with the nulls of a database has its escapes. In others a backslash before
    quotes escapes them where they are not doubled.
    """
    if layout.separator == "\t" and DUMP.search(text):
        return layout.model_copy(update={"quotes": False, "backslashes": True})
    if '"' not in text:
        return layout
    if layout.format == "tsv":
        plain = layout.model_copy(update={"quotes": False})
        return layout if _was_quoted(path, text, layout, plain) else plain
    if '\\"' in text and not _even(path, text, layout):
        escaped = layout.model_copy(update={"backslashes": True})
        return escaped if _even(path, text, escaped) else layout
    return layout


def _was_quoted(path: Path, text: str, layout: Layout, plain: Layout) -> bool:
    """Whether quotes stand around cells rather than in texts."""
    if not _even(path, text, layout):
        return False
    if not _even(path, text, plain):
        return True
    cells = [cell for _, row in split_cells(path, text, plain) for cell in row]
    opened = [cell for cell in cells if cell.startswith('"')]
    closed = all(len(cell) > 1 and cell.endswith('"') and '"' not in cell[1:-1].replace('""', "") for cell in opened)
    return bool(opened) and closed and (len(opened) == len(cells) or any('""' in cell[1:-1] for cell in opened))


def _even(path: Path, text: str, layout: Layout) -> bool:
    """Whether the text can be read and its rows have as many cells as the first."""
    try:
        return len({len(row) for _, row in split_cells(path, text, layout)}) == 1
    except BenchmarkError:
        return False
