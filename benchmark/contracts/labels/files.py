"""Noisy labels as a CSV file that other programs can read and write: one row a text,
found by its split and id.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from benchmark.contracts.hashes import sha256_hex
from benchmark.contracts.labels.spreadsheets import defused_cell, restored_cell
from benchmark.contracts.views import LabelArray

SPLITS = ("train", "valid")
COLUMNS = ("split", "id", "row", "text_sha256", "noisy_label", "noisy_label_name", "clean_label", "clean_label_name")
"""All columns that a file may have.

Clean labels are there for people to look at, and nothing here reads them.
"""

NO_LABEL = -1
MOST_ROWS_NAMED = 5


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row: `number` counts rows below the header from 1; `key` is an id, or the
    text's row number in its split.
    """

    number: int
    split: str
    key: str
    text_sha256: str
    label: int


@dataclass(frozen=True)
class LabelTable:
    """A file's rows, no text in two of them.

    `by_id`: keys are ids; else they are row numbers, from 0.
    """

    path: Path
    by_id: bool
    rows: tuple[LabelRow, ...]

    def labels_of(self, split: str, ids: Sequence[str], texts: Sequence[str]) -> LabelArray:
        """The label of each text of a split, int64 (N,), -1 where its row has none.

        A split that the file leaves out has no labels at all. A text without a row in a
        split that the file has, and a text other than the one that was labelled, are
        errors. Rows of further texts are passed over.
        """
        found = {row.key: row for row in self.rows if row.split == split}
        if not found:
            return np.full(len(ids), NO_LABEL, dtype=np.int64)
        missing = [(place, text_id) for place, text_id in enumerate(ids) if text_id not in found]
        if missing:
            first = ", ".join(f"'{text_id}' (text {place} of the split, from 0)" for place, text_id in missing[:3])
            raise BenchmarkError(
                f"{self.path} has no row for {len(missing)} of {len(ids)} {split} texts: {first}"
                f"{', …' if len(missing) > 3 else ''}. Give each a row, with an empty label where there is none."
            )
        rows = [found[text_id] for text_id in ids]
        hashed = (row for row, text in zip(rows, texts, strict=True) if row.text_sha256 not in ("", sha256_hex(text)))
        if other := [row.number for row in hashed]:
            raise BenchmarkError(
                f"{self.path}, {rows_named(other)}: the texts that were labelled are not those of the corpus "
                "(text_sha256 differs). Label this corpus's texts, or take the corpus that the file was made from."
            )
        return np.array([row.label for row in rows], dtype=np.int64)


def rows_named(numbers: Sequence[int]) -> str:
    """Row numbers in words.

    >>> rows_named([3]), rows_named([1, 2, 4, 5, 8, 9])
    ('row 3', 'rows 1, 2, 4, 5, 8 and 1 more')
    """
    shown = ", ".join(map(str, numbers[:MOST_ROWS_NAMED]))
    rest = len(numbers) - MOST_ROWS_NAMED
    return f"row{'s' if len(numbers) > 1 else ''} {shown}{f' and {rest} more' if rest > 0 else ''}"


def write_labels(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file of the given columns; the same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([defused_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def read_labels(path: Path, label_names: Sequence[str]) -> LabelTable:
    """The rows of a file; what is wrong with it is an error that names the rows.

    Columns: `id` or `row`; `noisy_label` (a class number from 0) or `noisy_label_name`,
    or both, empty where there is no label; `split` (train or valid; without it all rows
    are train) and `text_sha256` as the file has them. The apostrophe that
    `write_labels` puts before what a spreadsheet would take for a formula is taken off.
    """
    given, cells = _cells(path)
    by_id = "id" in given
    if not (by_id or "row" in given) or not {"noisy_label", "noisy_label_name"} & set(given):
        raise BenchmarkError(
            f"{path} has the columns {', '.join(given) or 'none'}; it needs id or row, and noisy_label or "
            "noisy_label_name."
        )
    parsed = list(_rows(path, "id" if by_id else "row", cells, label_names))
    _refuse_doubled(path, parsed)
    return LabelTable(path, by_id, tuple(parsed))


def _cells(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    if path.exists() and not path.is_file():
        raise BenchmarkError(f"{path} cannot be read: it is no file. Name a CSV file of noisy labels.")
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogatepass")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        given, cells = list(reader.fieldnames or ()), list(reader)
    except OSError as error:
        raise BenchmarkError(f"{path} cannot be read: {error.strerror}. Name a CSV file of noisy labels.") from None
    except UnicodeDecodeError:
        raise BenchmarkError(f"{path} is not text in UTF-8. Save it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise BenchmarkError(f"{path} is no CSV file: {error}.") from None
    for name in given:
        if name not in COLUMNS:
            raise UnknownNameError(f"column of {path.name}:", name, COLUMNS)
    if twice := [name for name in dict.fromkeys(given) if given.count(name) > 1]:
        raise BenchmarkError(f"{path} has the column {twice[0]} twice. Keep one.")
    uneven = [number for number, row in enumerate(cells, 1) if None in row or None in row.values()]
    if uneven:
        raise BenchmarkError(f"{path}, {rows_named(uneven)}: {len(given)} cells are wanted, as in the header.")
    return given, cells


def _rows(path: Path, key: str, cells: Sequence[dict[str, str]], label_names: Sequence[str]) -> Iterator[LabelRow]:
    numbers = {name: place for place, name in enumerate(label_names)}
    wrong: dict[str, list[int]] = {}
    unlike: list[int] = []
    for number, row in enumerate(cells, 1):
        split, place = row.get("split", "train"), row.get("noisy_label", "")
        name = _class_name(row.get("noisy_label_name", ""), numbers)
        if split not in SPLITS:
            raise UnknownNameError("split", split, SPLITS, f"Found in {path}, row {number}.")
        said = place if place not in ("", str(NO_LABEL)) else ""
        known = not said or (said.isdecimal() and int(said) < len(label_names))
        if not known or (name and name not in numbers):
            wrong.setdefault(name if known else said, []).append(number)
            continue
        by_number, by_name = int(said) if said else NO_LABEL, numbers.get(name, NO_LABEL)
        if "noisy_label" in row and "noisy_label_name" in row and by_number != by_name:
            unlike.append(number)
        yield LabelRow(number, split, restored_cell(row[key]), row.get("text_sha256", ""), max(by_number, by_name))
    if wrong:
        first, found = next(iter(wrong.items()))
        more = f" So are {', '.join(repr(name) for name in list(wrong)[1:4])}." if len(wrong) > 1 else ""
        hint = f"Or a number from 0 to {len(label_names) - 1}. Found in {path}, {rows_named(found)}.{more}"
        raise UnknownNameError("class", first, label_names, hint)
    if unlike:
        raise BenchmarkError(f"{path}, {rows_named(unlike)}: noisy_label and noisy_label_name are not the same class.")


def _class_name(cell: str, known: Container[str]) -> str:
    """The class that a cell names.

    A file made elsewhere may have names that begin as defused ones do.
    """
    restored = restored_cell(cell)
    return restored if restored in known else cell


def _refuse_doubled(path: Path, rows: Iterable[LabelRow]) -> None:
    seen: dict[tuple[str, str], int] = {}
    doubled = []
    for row in rows:
        first = seen.setdefault((row.split, row.key), row.number)
        if first != row.number:
            doubled.append(f"rows {first} and {row.number} ({row.split} {row.key})")
    if doubled:
        more = f" and {len(doubled) - MOST_ROWS_NAMED} more" if len(doubled) > MOST_ROWS_NAMED else ""
        raise BenchmarkError(
            f"{path} labels texts twice: {', '.join(doubled[:MOST_ROWS_NAMED])}{more}. Keep one row a text."
        )
