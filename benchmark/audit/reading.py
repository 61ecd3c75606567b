"""A table of one's own as an audit reads it: every row, with its number in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, UnknownNameError
from benchmark.corpora.tables.cells import cell, found_cell, label_text
from benchmark.corpora.tables.columns import find_columns
from benchmark.corpora.tables.decoding import places
from benchmark.corpora.tables.reading import read_table as read_rows
from benchmark.corpora.tables.schema import TEXT_SEPARATOR
from benchmark.corpora.tables.sniffing import sniff


@dataclass(frozen=True)
class LabelledTable:
    """Texts and given labels in the order of a file.

    `rows`: int64 (N,), numbers in the file, from 1, its header not counted. `labels`:
    int64 (N,), places in `label_names`, -1 where a cell is empty. `remarks`: what was
    found of the file that its name does not say, a sentence each.
    """

    name: str
    rows: LabelArray
    texts: tuple[str, ...]
    labels: LabelArray
    label_names: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)


def read_table(
    path: Path,
    text_columns: Sequence[str],
    label_column: str,
    separator: str | None = None,
    encoding: str | None = None,
) -> LabelledTable:
    """Read a table of one's own.

    `separator` and `encoding` are found where they are not given. A file, column or
    text that is not there, and a file with labels of fewer than two classes, is a
    BenchmarkError that says where.
    """
    wanted = (*text_columns, label_column)
    sniffed = sniff(path, wanted, separator, encoding)
    found = find_columns(path, sniffed.layout, wanted, (label_column,))
    for name in wanted:
        if name not in found.columns:
            raise UnknownNameError("column", name, found.known, f"Looked for in {path}.")
    texts, labels, empty = [], [], []
    for row in read_rows(path, found.layout):
        where = f"{path}, row {row.number}"
        if row.problem:
            raise BenchmarkError(f"{where} cannot be read: {row.problem}. Mend the row or take it out.")
        parts = [cell(row.cells, found.columns[name], where) for name in text_columns]
        text = TEXT_SEPARATOR.join("" if part is None else str(part) for part in parts)
        texts.append(text.encode("utf-8", "replace").decode())
        labels.append(label_text(found_cell(row.cells, found.columns[label_column])))
        if not text.strip():
            empty.append(row.number)
    if not texts:
        raise BenchmarkError(f"{path} has no rows.")
    if empty:
        raise BenchmarkError(
            f"{path} has no text in column {', '.join(text_columns)} of row {places(empty)}. Fill these rows or take "
            "them out."
        )
    remarks = (*sniffed.remarks, *([found.remark] if found.remark else []))
    return make_table(path.name, texts, labels, remarks)


def make_table(name: str, texts: Sequence[str], labels: Sequence[str], remarks: tuple[str, ...] = ()) -> LabelledTable:
    """A table of texts and the names of their labels, an empty name for no label."""
    known = sorted(set(labels) - {""})
    if len(known) < 2:
        raise BenchmarkError(f"{name} has labels of {len(known)} class; two are needed to tell anything apart.")
    numbers = all(label.removeprefix("-").isdecimal() for label in known)
    ordered = tuple(sorted(known, key=int)) if numbers else tuple(known)
    place = {label: number for number, label in enumerate(ordered)} | {"": UNLABELLED}
    found = np.array([place[label] for label in labels], dtype=np.int64)
    return LabelledTable(name, np.arange(1, len(found) + 1), tuple(texts), found, ordered, remarks)
