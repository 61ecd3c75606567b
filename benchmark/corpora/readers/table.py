"""Tables: CSV, TSV and JSON lines, a row an example."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmark.contracts import UNLABELLED, BenchmarkError, UnknownNameError
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers

Column = str | int
DELIMITERS = {"csv": ",", "tsv": "\t"}


class TableSplit(BaseModel):
    """Where one split of a table is.

    `text`: columns joined by a space. `label`: column with class names, or with whole numbers from `first_label` on.
    `id`: column with unique ids; without it an id is a hash of the row's text and label. `observed`: columns of noisy
    labels by name; empty or -1 is no label. Columns are names, or numbers from 0 where there is no header.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    file: str
    text: tuple[Column, ...]
    label: Column
    id: Column | None = None
    observed: dict[str, Column] = {}
    first_label: int = 0
    header: bool = True
    format: Literal["csv", "tsv", "jsonl"] = "csv"
    encoding: str = "utf-8"


@readers.register
class Table(Reader):
    """Rows of CSV, TSV or JSON-lines files, one file a split."""

    name: ClassVar[str] = "table"
    splits: dict[str, TableSplit]

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits, each in the order of its file."""
        return {name: _read(file_of(files, split.file), split, label_names) for name, split in self.splits.items()}


def _read(path: Path, split: TableSplit, label_names: Sequence[str]) -> RawSplit:
    texts: list[str] = []
    labels: list[int] = []
    ids: list[str] = []
    noisy: dict[str, list[int]] = {name: [] for name in split.observed}
    for number, row in enumerate(_rows(path, split), start=1):
        where = f"{path}, row {number}"
        texts.append(" ".join(str(_cell(row, column, where)) for column in split.text))
        labels.append(_label(_cell(row, split.label, where), split, label_names, where))
        if split.id is not None:
            ids.append(str(_cell(row, split.id, where)))
        for name, column in split.observed.items():
            value = _cell(row, column, where)
            absent = value is None or str(value).strip() in ("", str(UNLABELLED))
            noisy[name].append(UNLABELLED if absent else _label(value, split, label_names, where))
    return RawSplit(
        ids=tuple(ids or hashed_ids(texts, labels)),
        texts=tuple(texts),
        clean_labels=np.array(labels, dtype=np.int64),
        given={name: np.array(found, dtype=np.int64) for name, found in noisy.items()},
    )


def _rows(path: Path, split: TableSplit) -> Iterator[Any]:
    try:
        with path.open(encoding=split.encoding, newline="") as stream:
            if split.format == "jsonl":
                yield from (json.loads(line) for line in stream if line.strip())
            elif split.header:
                yield from csv.DictReader(stream, delimiter=DELIMITERS[split.format], strict=True)
            else:
                yield from csv.reader(stream, delimiter=DELIMITERS[split.format], strict=True)
    except (csv.Error, ValueError, LookupError) as error:
        raise BenchmarkError(f"Cannot read {path} as {split.format} in {split.encoding}: {error}.") from None


def _cell(row: Any, column: Column, where: str) -> Any:
    if isinstance(row, dict):
        if column not in row:
            raise UnknownNameError("column", str(column), map(str, row), f"Looked for in {where}.")
        return row[column]
    if not isinstance(column, int) or not 0 <= column < len(row):
        raise BenchmarkError(f"{where} has no column {column}: without a header, columns are 0 to {len(row) - 1}.")
    return row[column]


def _label(value: Any, split: TableSplit, label_names: Sequence[str], where: str) -> int:
    text = str(value).strip()
    if text in label_names:
        return label_names.index(text)
    label = int(text) - split.first_label if text.lstrip("-").isdigit() else -1
    if not 0 <= label < len(label_names):
        last = split.first_label + len(label_names) - 1
        hint = f"Or a number from {split.first_label} to {last}. Found in {where}."
        raise UnknownNameError("label", text, label_names, hint)
    return label


def hashed_ids(texts: Sequence[str], labels: Sequence[int]) -> list[str]:
    """An id a row from its text and label, whatever the order of rows; equal rows are numbered."""
    seen: Counter[str] = Counter()
    ids: list[str] = []
    for text, label in zip(texts, labels, strict=True):
        key = hashlib.sha256(f"{label}\x1f{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        ids.append(f"{key}-{seen[key]}" if seen[key] else key)
        seen[key] += 1
    return ids
