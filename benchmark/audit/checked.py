"""Rows that a person reviewed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from benchmark.audit.reading import LabelledTable
from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.labels.spreadsheets import restored_cell

ROW, SPLIT, RIGHT = "row", "split", "right_label"


def read_checked(path: Path, table: LabelledTable) -> dict[int, bool]:
    """Whether the given label is wrong, by place in the table, of each reviewed row.

    Parameters
    ----------
    path : a CSV with the columns `row`, a number as in the table, and `right_label`.
        Rows whose right label is left empty are not reviewed, and passed over. Where
        some rows are those of a test set, the column `split` tells them apart.
    table : the table that was audited.

    Returns
    -------
    True where the right label is not the given one. A right label that is no class of
    the table is an error, since it is likelier a slip of the pen than a new class.
    """
    if not path.is_file():
        raise BenchmarkError(f"There is no file {path}.")
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BenchmarkError(f"Cannot read {path} as CSV in UTF-8: {error}.") from None
    for column in (ROW, RIGHT):
        if rows and column not in rows[0]:
            raise UnknownNameError("column", column, map(str, rows[0]), f"It must be in {path}.")
    places = _places(table)
    found: dict[int, bool] = {}
    for number, row in enumerate(rows, start=1):
        right = restored_cell((row[RIGHT] or "").strip())
        if not right:
            continue
        place = places.get(((row[ROW] or "").strip(), (row.get(SPLIT) or "").strip()))
        if place is None or table.labels[place] < 0:
            raise BenchmarkError(f"{path}, line {number + 1}: {table.name} has no labelled row {row[ROW]!r}.")
        if right not in table.label_names:
            raise UnknownNameError("label", right, table.label_names, f"Found in {path}, line {number + 1}.")
        found[place] = right != table.label_names[table.labels[place]]
    if not found:
        raise BenchmarkError(f"{path} has no row whose column {RIGHT} is filled. Fill it for the rows you looked at.")
    return found


def _places(table: LabelledTable) -> dict[tuple[str, str], int]:
    """Places by number and split of a row, and by the number alone where it is the only
    one.
    """
    numbers = list(map(str, table.rows.tolist()))
    found = {(number, table.split(place)): place for place, number in enumerate(numbers)}
    if len(set(numbers)) == len(numbers):
        found |= {(number, ""): place for place, number in enumerate(numbers)}
    return found
