"""The JSON form of the WRENCH benchmark: one object of rows by id, each with a gold
label and the rules' votes.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmark.contracts import BenchmarkError, LabelArray
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers

ALIGNED_COLUMNS = ("original_sent", "true_label", "noisy_label")


@readers.register
class WrenchJson(Reader):
    """Rows of WRENCH files, with votes.

    `splits`: file by split, inside the zip file `archive` where that is named.
    `gold`: the key of the gold label. `entities`: write `<e1> … </e1>` and
    `<e2> … </e2>` round the entity pair. `aligned`: by observed name and split, a CSV
    file whose rows are those of the split in order, text and gold label included.
    """

    name: ClassVar[str] = "wrench_json"
    splits: dict[str, str]
    archive: str | None = None
    gold: str = "label"
    entities: bool = False
    aligned: dict[str, dict[str, str]] = {}

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits; ids are the keys of the JSON object."""
        return {split: self._split(split, files) for split in self.splits}

    def _split(self, split: str, files: Mapping[str, Path]) -> RawSplit:
        path = file_of(files, self.archive or self.splits[split])
        try:
            rows: dict[str, dict[str, Any]] = json.loads(_content(path, self.splits[split] if self.archive else None))
            texts = [row["data"]["text"] for row in rows.values()]
            labels = np.array([row[self.gold] for row in rows.values()], dtype=np.int64)
            votes = np.array([row["weak_labels"] for row in rows.values()], dtype=np.int64)
            marked = [with_entities(row["data"]) for row in rows.values()] if self.entities else texts
        except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise BenchmarkError(f"{path} is not a file of the WRENCH form: {error!r}.") from None
        given = {
            name: _aligned(file_of(files, by_split[split]), texts, labels) for name, by_split in self.aligned.items()
        }
        return RawSplit(tuple(rows), tuple(marked), labels, votes, given)


def _content(path: Path, member: str | None) -> bytes:
    if member is None:
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read(member)


def with_entities(data: Mapping[str, Any]) -> str:
    """The text with markers round its two entities.

    >>> row = {"text": "Rain causes floods", "span1": [0, 4], "span2": [12, 18]}
    >>> with_entities(row)
    '<e1> Rain </e1> causes <e2> floods </e2>'
    """
    text: str = data["text"]
    for tag, (start, end) in sorted(
        (("e1", data["span1"]), ("e2", data["span2"])), key=lambda marked: marked[1][0], reverse=True
    ):
        text = f"{text[:start]}<{tag}> {text[start:end]} </{tag}>{text[end:]}"
    return text


def _aligned(path: Path, texts: Sequence[str], labels: LabelArray) -> LabelArray:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows or not set(ALIGNED_COLUMNS) <= set(rows[0]):
        raise BenchmarkError(f"{path} must have rows with the columns {', '.join(ALIGNED_COLUMNS)}.")
    if [(row["original_sent"], int(row["true_label"])) for row in rows] != list(
        zip(texts, labels.tolist(), strict=True)
    ):
        raise BenchmarkError(
            f"{path} is not aligned: its {len(rows)} rows must have text and gold label of the {len(texts)} rows "
            "of the split, in order."
        )
    return np.array([int(row["noisy_label"]) for row in rows], dtype=np.int64)
