"""Tables: CSV, TSV, JSON lines and Parquet, a row an example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, UnknownNameError
from benchmark.contracts.hashes import sha256_hex
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers
from benchmark.corpora.readers.rows import read_rows
from benchmark.corpora.readers.splitting import carve_test
from benchmark.corpora.tables.cells import Column, cell, label_text
from benchmark.corpora.tables.layout import Format


class TableSplit(BaseModel):
    """Where one split of a table is.

    `text`: columns joined by `separator`. `label`: column of clean labels, as class
    names or as whole numbers from `first_label` on; without it no clean label is known.
    `id`: column with unique ids; without it an id is a hash of the row's text and
    label. `unchecked`: cells of `label` that leave the clean label unknown.
    `observed`: columns of noisy labels by name, where what is in `absent` is no
    label. `aligned`: by name, a file of the same form with the same texts in the same
    order, whose `label` column is noisy. Columns are names, or numbers from 0 where
    there is no header.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    file: str
    text: tuple[Column, ...]
    label: Column | None = None
    id: Column | None = None
    observed: dict[str, Column] = {}
    aligned: dict[str, str] = {}
    first_label: int = 0
    header: bool = True
    format: Format = "csv"
    encoding: str = "utf-8"
    separator: str = " "
    absent: tuple[str, ...] = ("", "-1")
    unchecked: tuple[str, ...] = ()


@readers.register
class Table(Reader):
    """Rows of tables, one file a split.

    `test_share`: without a file for test, the share of the train file's rows that
    become test, by hash of their text: equal texts stay together. A row with neither a
    clean nor a noisy label stays in train, since nothing could score it.
    `partly_checked`: clean labels of some rows are known. Their texts become test where
    it is taken of train, and no id depends on these labels.
    """

    name: ClassVar[str] = "table"
    splits: dict[str, TableSplit]
    test_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    partly_checked: bool = False

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits, each in the order of its file."""
        found = {
            name: read_split(files, split, label_names, self.partly_checked) for name, split in self.splits.items()
        }
        if self.test_share is not None and "test" not in found:
            whole = found["train"]
            found |= carve_test(whole, whole.texts, self.test_share, self.partly_checked)
        return found


class Labels:
    """Reads labels of one split: class names, or numbers from `first_label` on."""

    def __init__(self, label_names: Sequence[str], split: TableSplit) -> None:
        self._names = label_names
        self._places = {name: place for place, name in enumerate(label_names)}
        self._first = split.first_label
        self._absent = split.absent
        self._unchecked = split.unchecked

    def read(self, value: Any, where: str) -> int:
        """The class of a cell; anything that names no class is an error."""
        text = label_text(value)
        if text in self._places:
            return self._places[text]
        label = int(text) - self._first if text.lstrip("-").isdigit() else -1
        if not 0 <= label < len(self._names):
            hint = f"Or a number from {self._first} to {self._first + len(self._names) - 1}. Found in {where}."
            raise UnknownNameError("label", text, self._names, hint)
        return label

    def read_clean(self, value: Any, where: str) -> int:
        """As `read`; -1 for a cell that leaves the clean label unknown."""
        return UNLABELLED if label_text(value) in self._unchecked else self.read(value, where)

    def read_noisy(self, value: Any, where: str) -> int:
        """As `read`; -1 for a cell without a label."""
        return UNLABELLED if label_text(value) in self._absent else self.read(value, where)


def joined_text(row: Any, split: TableSplit, where: str) -> str:
    """The text of a row, its columns joined; a null cell is an empty text."""
    cells = [cell(row, column, where) for column in split.text]
    return split.separator.join("" if part is None else str(part) for part in cells)


def read_split(
    files: Mapping[str, Path], split: TableSplit, label_names: Sequence[str], partly_checked: bool = False
) -> RawSplit:
    """The rows of one split, in the order of its file."""
    path = file_of(files, split.file)
    names = Labels(label_names, split)
    texts: list[str] = []
    labels: list[int] = []
    ids: list[str] = []
    noisy: dict[str, list[int]] = {name: [] for name in split.observed}
    for number, row in enumerate(read_rows(path, split.format, split.encoding, split.header), start=1):
        where = f"{path}, row {number}"
        texts.append(joined_text(row, split, where))
        labels.append(UNLABELLED if split.label is None else names.read_clean(cell(row, split.label, where), where))
        if split.id is not None:
            ids.append(str(cell(row, split.id, where)))
        for name, column in split.observed.items():
            noisy[name].append(names.read_noisy(cell(row, column, where), where))
    given = {name: np.array(found, dtype=np.int64) for name, found in noisy.items()}
    for name, file in split.aligned.items():
        given[name] = _aligned(file_of(files, file), split, names, texts)
    return RawSplit(
        ids=tuple(ids or hashed_ids(texts, [UNLABELLED] * len(texts) if partly_checked else labels)),
        texts=tuple(texts),
        clean_labels=np.array(labels, dtype=np.int64),
        given=given,
    )


def _aligned(path: Path, split: TableSplit, names: Labels, texts: Sequence[str]) -> LabelArray:
    """The noisy labels of another file with the same texts in the same order."""
    if split.label is None:
        raise BenchmarkError(f"Labels of {path} are in the column `label`, which the card does not name.")
    rows = list(read_rows(path, split.format, split.encoding, split.header))
    found = [joined_text(row, split, f"{path}, row {number}") for number, row in enumerate(rows, start=1)]
    if found != list(texts):
        pairs = zip(found, texts, strict=False)
        first = next((number for number, (one, two) in enumerate(pairs, 1) if one != two), min(len(found), len(texts)))
        raise BenchmarkError(
            f"{path} is not aligned: its {len(found)} rows must have the texts of the {len(texts)} rows of the split, "
            f"in order; row {first} is the first that differs."
        )
    labels = [names.read_noisy(cell(row, split.label, str(path)), f"{path}, row {n}") for n, row in enumerate(rows, 1)]
    return np.array(labels, dtype=np.int64)


def hashed_ids(texts: Sequence[str], labels: Sequence[int]) -> list[str]:
    """An id a row from its text and label, whatever the order of rows.

    Equal rows are numbered.
    """
    seen: Counter[str] = Counter()
    ids: list[str] = []
    for text, label in zip(texts, labels, strict=True):
        key = sha256_hex(f"{label}\x1f{text}", digits=16)
        ids.append(f"{key}-{seen[key]}" if seen[key] else key)
        seen[key] += 1
    return ids
