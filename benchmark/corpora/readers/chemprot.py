"""ChemProt relations: rows with entity markers from the COSINE files, splits of WRENCH,
votes of 26 keyword rules.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers

MARKER = re.compile(r"\[\\?(?:GENE|CHEMICAL)\]")
GENE, CHEMICAL = "[GENE]", "[CHEMICAL]"
OTHER = 0
"""The label of rows that are of none of the classes; the classes are counted from 1."""

Key = tuple[str, int, int, int]


@dataclass(frozen=True)
class Row:
    """One row: its text with markers, its label counted from 0, its position in the
    files and their own weak label.
    """

    position: int
    marked: str
    label: int
    major: int

    @property
    def text(self) -> str:
        """The text without markers."""
        return MARKER.sub("", self.marked)

    @property
    def key(self) -> Key:
        """What the WRENCH form has of a row: text, where its gene and its chemical
        begin, label.
        """
        return self.text, _start(self.marked, GENE), _start(self.marked, CHEMICAL), self.label


@readers.register
class Chemprot(Reader):
    """The training rows of WRENCH are not at hand: they are the rows of `rows` that are
    not in `valid` and `test`.

    `rows`: COSINE files, read one after the other. `valid`, `test`: files of the WRENCH
    form. `rules`: for each rule its class, then the substrings of the lower-case text
    on which it votes.
    """

    name: ClassVar[str] = "chemprot"
    rows: tuple[str, ...]
    valid: str
    test: str
    rules: tuple[tuple[str, ...], ...]

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits.

        Ids are the keys of WRENCH in `valid` and `test`, positions as `c12` in `train`.
        """
        waiting: defaultdict[Key, list[Row]] = defaultdict(list)
        for row in _rows([file_of(files, name) for name in self.rows]):
            waiting[row.key].append(row)
        found = {name: _matched(file_of(files, getattr(self, name)), waiting) for name in ("valid", "test")}
        left = sorted((row for rows in waiting.values() for row in rows), key=lambda row: row.position)
        found["train"] = [(f"c{row.position}", row) for row in left if row.label != OTHER - 1]
        return {name: self._split(found[name], label_names) for name in ("train", "valid", "test")}

    def _split(self, rows: Sequence[tuple[str, Row]], label_names: Sequence[str]) -> RawSplit:
        return RawSplit(
            ids=tuple(key for key, _ in rows),
            texts=tuple(row.marked for _, row in rows),
            clean_labels=np.array([row.label for _, row in rows], dtype=np.int64),
            votes=keyword_votes([row.text for _, row in rows], self.rules, label_names),
            given={"major": np.array([row.major for _, row in rows], dtype=np.int64)},
        )


def keyword_votes(texts: Sequence[str], rules: Sequence[Sequence[str]], label_names: Sequence[str]) -> LabelArray:
    """Votes of substring tests on lower-case texts, int64 (N, R), -1 where a rule is
    silent.

    >>> rules = [("bad", "bind", "glue")]
    >>> keyword_votes(["It BINDS", "none"], rules, ["good", "bad"]).tolist()
    [[1], [-1]]
    """
    votes = np.full((len(texts), len(rules)), UNLABELLED, dtype=np.int64)
    for column, (label, *words) in enumerate(rules):
        if label not in label_names or not words:
            raise BenchmarkError(f"Rule {column} of the card must be a class, then substrings; it is {label}, {words}.")
        fires = [any(word in text.lower() for word in words) for text in texts]
        votes[fires, column] = label_names.index(label)
    return votes


def _rows(paths: Sequence[Path]) -> Iterator[Row]:
    position = 0
    for path in paths:
        try:
            for row in json.loads(path.read_text(encoding="utf-8")):
                # An uncovered row is -1 in these files, and classes are counted from 1.
                yield Row(position, row["text"], row["label"] - 1, max(row["major"] - 1, UNLABELLED))
                position += 1
        except (ValueError, KeyError, TypeError) as error:
            raise BenchmarkError(f"{path} is not a file of the COSINE form: {error!r}.") from None


def _matched(path: Path, waiting: Mapping[Key, list[Row]]) -> list[tuple[str, Row]]:
    """Takes the rows of a WRENCH file out of those waiting."""
    try:
        content: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        keys = {
            key: (row["data"]["text"], row["data"]["span1"][0], row["data"]["span2"][0], row["label"])
            for key, row in content.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchmarkError(f"{path} is not a file of the WRENCH form: {error!r}.") from None
    found = [(name, waiting[key].pop(0) if waiting.get(key) else None) for name, key in keys.items()]
    if lost := [name for name, row in found if row is None]:
        raise BenchmarkError(f"{path}: {len(lost)} rows are in none of the files with markers, first '{lost[0]}'.")
    return [(name, row) for name, row in found if row is not None]


def _start(marked: str, opening: str) -> int:
    """Where an entity begins once the markers are gone; -1 without it."""
    before, found, _ = marked.partition(opening)
    return len(MARKER.sub("", before)) if found else -1
