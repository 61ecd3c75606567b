"""A table of one's own as an audit reads it: every row, with its number in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, UnknownNameError
from benchmark.corpora.own import ENCODING, FORMATS, SEPARATOR
from benchmark.corpora.readers.rows import places, read_rows
from benchmark.corpora.readers.table import TableSplit, cell, joined_text, label_text


@dataclass(frozen=True)
class LabelledTable:
    """Texts and given labels in the order of a file.

    `rows`: int64 (N,), numbers in the file, from 1, its header not counted. `labels`:
    int64 (N,), places in `label_names`, -1 where a cell is empty.
    """

    name: str
    rows: LabelArray
    texts: tuple[str, ...]
    labels: LabelArray
    label_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


def read_table(path: Path, text_columns: Sequence[str], label_column: str) -> LabelledTable:
    """Read a table of one's own.

    A file, column or text that is not there, and a file with labels of fewer than two
    classes, is a BenchmarkError that says where.
    """
    texts, names = read_columns(path, text_columns, label_column)
    return make_table(path.name, texts, names)


def make_table(name: str, texts: Sequence[str], labels: Sequence[str]) -> LabelledTable:
    """A table of texts and the names of their labels, an empty name for no label."""
    known = sorted(set(labels) - {""})
    if len(known) < 2:
        raise BenchmarkError(f"{name} has labels of {len(known)} class; two are needed to tell anything apart.")
    numbers = all(label.removeprefix("-").isdecimal() for label in known)
    ordered = tuple(sorted(known, key=int)) if numbers else tuple(known)
    place = {label: number for number, label in enumerate(ordered)} | {"": UNLABELLED}
    found = np.array([place[label] for label in labels], dtype=np.int64)
    return LabelledTable(name, np.arange(1, len(found) + 1), tuple(texts), found, ordered)


def read_columns(path: Path, text_columns: Sequence[str], label_column: str) -> tuple[list[str], list[str]]:
    """The texts and label names of a file, row by row."""
    if not path.is_file():
        raise BenchmarkError(f"There is no file {path}.")
    if path.suffix.lower() not in FORMATS:
        raise UnknownNameError("kind of table", path.suffix or path.name, FORMATS, f"It is the end of {path}.")
    options = TableSplit(file="", text=tuple(text_columns), separator=SEPARATOR)
    texts, labels, empty = [], [], []
    for number, row in enumerate(read_rows(path, FORMATS[path.suffix.lower()], ENCODING), start=1):
        where = f"{path}, row {number}"
        texts.append(joined_text(row, options, where).encode("utf-8", "replace").decode())
        labels.append(label_text(cell(row, label_column, where)))
        if not texts[-1].strip():
            empty.append(number)
    if not texts:
        raise BenchmarkError(f"{path} has no rows.")
    if empty:
        raise BenchmarkError(
            f"{path} has no text in column {', '.join(text_columns)} of row {places(empty)}. Fill these rows or take "
            "them out."
        )
    return texts, labels
