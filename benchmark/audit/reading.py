"""A table of one's own as an audit reads it: every row, with its number in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray
from benchmark.corpora.own import OwnData, examine_alone
from benchmark.corpora.own_tables.label_kinds import sorted_names
from benchmark.corpora.own_tables.remarks import remarks_on_reading


@dataclass(frozen=True)
class LabelledTable:
    """Texts and given labels in the order of a file.

    `rows`: int64 (N,), numbers in the file, from 1, its header not counted. `labels`:
    int64 (N,), places in `label_names`, -1 where a cell is no label.
    `remarks`: what is to be said of how the table was read.
    """

    name: str
    rows: LabelArray
    texts: tuple[str, ...]
    labels: LabelArray
    label_names: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)


def read_table(path: Path, text_columns: Sequence[str], label_column: str, **how: Any) -> LabelledTable:
    """Read a table of one's own.

    A file, column or text that is not there, and a file with labels of fewer than two
    classes, is a BenchmarkError that says where.

    Parameters
    ----------
    path : the table, as a program exported it.
    text_columns : the columns of texts, which are joined.
    label_column : the column of labels.
    **how : what else `OwnData` can say of a table, as its separator.
    """
    found = examine_alone(OwnData(path, tuple(text_columns), label_column, **how))
    labels = [answers[0] for answers in found.classes("train")]
    it = found.gathered["train"]
    return make_table(path.name, it.texts, labels, it.numbers, tuple(remarks_on_reading(found)))


def make_table(
    name: str,
    texts: Sequence[str],
    labels: Sequence[str],
    rows: Sequence[int] | None = None,
    remarks: tuple[str, ...] = (),
) -> LabelledTable:
    """A table of texts and the names of their labels, an empty name for no label.

    Without numbers of rows the texts are all rows of the table.
    """
    ordered = sorted_names(set(labels) - {""})
    if len(ordered) < 2:
        raise BenchmarkError(f"{name} has labels of {len(ordered)} class; two are needed to tell anything apart.")
    place = {label: number for number, label in enumerate(ordered)} | {"": UNLABELLED}
    found = np.array([place[label] for label in labels], dtype=np.int64)
    numbers = np.arange(1, len(found) + 1) if rows is None else np.array(rows, dtype=np.int64)
    return LabelledTable(name, numbers, tuple(texts), found, ordered, remarks)
