"""Rows that a person reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from benchmark.audit.reading import LabelledTable
from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.labels.spreadsheets import restored_cell
from benchmark.corpora.tables.cells import found_cell, label_text
from benchmark.corpora.tables.columns import find_columns
from benchmark.corpora.tables.layout import HEADER_AGAIN
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff

ROW, FILE, SPLIT, TEXT, RIGHT = "row", "file", "split", "text", "right_label"
WORD = re.compile("[0-9a-z]+")
LONGEST_COMPARED, LONGEST_SHOWN = 1_000, 60
WHOLE = re.compile(r"^(\d+)[.,]0+$")
"""A whole number as a spreadsheet may write it."""

Named = tuple[str, str, str]
"""A row's number, split and file, each of the last two empty where it is not told."""


def read_checked(path: Path, table: LabelledTable) -> dict[int, int]:
    """Read the right label of each reviewed row, by place in the table, as its place in
    `label_names`.

    Parameters
    ----------
    path : a table of any kind with the columns `row`, a number as in the audited one,
        and `right_label`.
        Rows whose right label is left empty are not reviewed, and passed over. Where
        some rows are those of a test set, the column `split` tells them apart, and
        `file` does where the table is several files. Where it has a column `text`, each
        text must be that of the row.
    table : the table that was audited.

    Returns
    -------
    The right labels. One that is no class of the table is an error, since it is
    likelier a slip of the pen than a new class, and so are two right labels of one row.
    """
    places = _places(table)
    found: dict[int, tuple[str, int]] = {}
    for number, named, text, right in _reviewed(path):
        place, row = places.get(named), named[0]
        if place is None or table.labels[place] < 0:
            raise BenchmarkError(
                f"{path}, row {number}: {table.name} has no labelled row '{row}'.{_lacking(named, table)}"
            )
        if _are_unlike(text, table.texts[place]):
            raise BenchmarkError(
                f"{path}, row {number}, is a review of '{_start(text)}', but row '{row}' of {table.name} is "
                f"'{_start(table.texts[place])}'. Review rows of this table, or audit the table that they are of."
            )
        if right not in table.label_names:
            raise UnknownNameError("label", right, table.label_names, f"Found in {path}, row {number}.")
        before = found.setdefault(place, (right, number))
        if before[0] != right:
            raise BenchmarkError(
                f"{path} has two right labels for row '{row}': '{before[0]}' in its row {before[1]} and '{right}' in "
                f"its row {number}. Keep one."
            )
    if not found:
        raise BenchmarkError(f"{path} has no row whose column {RIGHT} is filled. Fill it for the rows you looked at.")
    return {place: table.label_names.index(right) for place, (right, _) in found.items()}


def _start(text: str) -> str:
    """The first words of a text, on one line."""
    return " ".join(text.split())[:LONGEST_SHOWN]


def _are_unlike(one: str, other: str) -> bool:
    """Say whether two texts share fewer than half of their words.

    Programs that save a table may cut a long text and write other letters for those of
    some scripts, so that the text of a row is not always there as it was.
    """
    words, others = (set(WORD.findall(text[:LONGEST_COMPARED].casefold())) for text in (one, other))
    return bool(words and others) and 2 * len(words & others) < len(words | others)


def _reviewed(path: Path) -> Iterator[tuple[int, Named, str, str]]:
    """Yield the rows whose right label is filled: their number in the file, the row
    that they name, the text, and the label.
    """
    wanted = (ROW, RIGHT, SPLIT, FILE, TEXT)
    columns = find_columns(path, sniff(path, wanted).layout, wanted, ())
    for name in (ROW, RIGHT):
        if name not in columns.columns:
            raise UnknownNameError("column", name, columns.known, f"It must be in {path}.")
    for row in read_table(path, columns.layout):
        if row.problem == HEADER_AGAIN:
            continue
        if row.problem:
            raise BenchmarkError(f"{path}, row {row.number} {row.problem}. Mend it or take it out.")
        cells = {name: label_text(found_cell(row.cells, place)) for name, place in columns.columns.items()}
        right = restored_cell(cells[RIGHT])
        if right:
            named = WHOLE.sub(r"\1", cells[ROW]), cells.get(SPLIT, ""), cells.get(FILE, "")
            yield row.number, named, cells.get(TEXT, ""), right


def _lacking(named: Named, table: LabelledTable) -> str:
    """Say which columns of the audit tell rows apart and are not filled here."""
    _, split, file = named
    columns = ((FILE, bool(table.files), file), (SPLIT, table.has_test, split))
    empty = [f"'{name}'" for name, telling, given in columns if telling and not given]
    return f" Rows are told apart by column {' and '.join(empty)}, too." if empty else ""


def _places(table: LabelledTable) -> dict[Named, int]:
    """Give places by number, split and file of a row, and by as many of them as tell
    all rows apart.
    """
    whole = [(str(row), table.split(place), table.file(place)) for place, row in enumerate(table.rows.tolist())]
    found: dict[Named, int] = {}
    for by_split, by_file in product((True, False), repeat=2):
        named = [(row, split if by_split else "", file if by_file else "") for row, split, file in whole]
        if len(set(named)) == len(named):
            found |= {one: place for place, one in enumerate(named)}
    return found
