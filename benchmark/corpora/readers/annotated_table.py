"""One table whose rows carry a trusted label and the answers of several labellers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, UnknownNameError
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers
from benchmark.corpora.readers.rows import read_rows
from benchmark.corpora.readers.splitting import split_by_hash
from benchmark.corpora.readers.table import Labels, TableSplit, hashed_ids, read_split
from benchmark.corpora.tables.cells import cell, label_text
from benchmark.corpora.tables.layout import Format

PAIR_SEPARATOR = " || "
"""What stands between the two texts of a pair: the one rule for every corpus of pairs,
so that each encoder reads a pair as a single text.
"""

Share = Annotated[float, Field(gt=0, lt=1)]


class VoteFile(BaseModel):
    """A table with one vote a row: the item's id, who voted, and for which class."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    file: str
    item: str
    annotator: str
    vote: str


@readers.register
class AnnotatedTable(Reader):
    """Rows of one table, split by a hash of their text.

    `text`: columns joined by " || "; points lead into the objects and lists of
    a JSON line.
    `classes`: class by cell, where cells are neither class names nor numbers from 0.
    `observed`: columns of noisy labels by name. Votes come from one of four places:
    `vote_columns` has one voter a column, `vote_list` is a column of lists, `counted`
    maps columns with numbers of votes to classes, and `votes` is a file. `split_by`:
    columns whose texts are hashed, so that rows that share them stay in one split.
    `test`: another table to be the test split, instead of a share of this one.
    """

    name: ClassVar[str] = "annotated_table"
    file: str
    text: tuple[str, ...]
    label: str
    id: str | None = None
    format: Format = "csv"
    classes: dict[str, str] = {}
    observed: dict[str, str] = {}
    vote_columns: tuple[str, ...] = ()
    vote_list: str | None = None
    counted: dict[str, str] = {}
    votes: VoteFile | None = None
    split_by: tuple[str, ...] = ()
    valid_share: Share = 0.1
    test_share: Share = 0.2
    test: TableSplit | None = None

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits, each in the order of the table."""
        whole, keys = self.read_whole(files, label_names)
        if self.test is None:
            return split_by_hash(whole, keys, {"test": self.test_share, "valid": self.valid_share})
        splits = split_by_hash(whole, keys, {"valid": self.valid_share})
        return splits | {"test": read_split(files, self.test, label_names)}

    def read_whole(self, files: Mapping[str, Path], label_names: Sequence[str]) -> tuple[RawSplit, list[str]]:
        """The table before it is split, and the text of each row that decides its
        split.
        """
        path = file_of(files, self.file)
        rows = list(read_rows(path, self.format, "utf-8"))
        names = Labels(label_names, TableSplit(file=self.file, text=self.text))
        texts = [self._joined(row, self.text) for row in rows]
        labels = [names.read(self._class(value_at(row, self.label)), str(path)) for row in rows]
        ids = [str(value_at(row, self.id)) for row in rows] if self.id else hashed_ids(texts, labels)
        given = {
            name: np.array([self._noisy(names, value_at(row, column)) for row in rows], dtype=np.int64)
            for name, column in self.observed.items()
        }
        raw = RawSplit(
            tuple(ids), tuple(texts), np.array(labels, dtype=np.int64), self._votes(files, rows, ids, names), given
        )
        return raw, [self._joined(row, self.split_by or self.text) for row in rows]

    def _joined(self, row: Any, columns: Sequence[str]) -> str:
        return PAIR_SEPARATOR.join(str(value_at(row, column)) for column in columns)

    def _class(self, value: Any) -> str:
        text = label_text(value)
        return self.classes.get(text, text)

    def _noisy(self, names: Labels, value: Any) -> int:
        return names.read_noisy(self._class(value), self.file)

    def _votes(
        self, files: Mapping[str, Path], rows: Sequence[Any], ids: Sequence[str], names: Labels
    ) -> LabelArray | None:
        if self.votes is not None:
            return self._votes_of_file(file_of(files, self.votes.file), self.votes, ids, names)
        if self.vote_columns:
            answers = [[value_at(row, column) for column in self.vote_columns] for row in rows]
        elif self.vote_list is not None:
            answers = [list(value_at(row, self.vote_list)) for row in rows]
        elif self.counted:
            answers = [
                [label for column, label in self.counted.items() for _ in range(int(value_at(row, column)))]
                for row in rows
            ]
        else:
            return None
        votes = np.full((len(rows), max(map(len, answers))), UNLABELLED, dtype=np.int64)
        for row, given in enumerate(answers):
            votes[row, : len(given)] = [self._noisy(names, answer) for answer in given]
        return votes

    def _votes_of_file(self, path: Path, named: VoteFile, ids: Sequence[str], names: Labels) -> LabelArray:
        """One column an annotator, in the order of their names."""
        votes = list(read_rows(path, "csv", "utf-8"))
        who = sorted({str(cell(vote, named.annotator, str(path))) for vote in votes})
        columns = {annotator: column for column, annotator in enumerate(who)}
        places = {item: place for place, item in enumerate(ids)}
        found = np.full((len(ids), len(who)), UNLABELLED, dtype=np.int64)
        for vote in votes:
            item = str(cell(vote, named.item, str(path)))
            if item not in places:
                raise UnknownNameError("item", item, ids, f"{path} has a vote for it.")
            place = places[item], columns[str(vote[named.annotator])]
            if found[place] != UNLABELLED:
                raise BenchmarkError(f"{path}: annotator {vote[named.annotator]} has two votes for item {item}.")
            found[place] = self._noisy(names, cell(vote, named.vote, str(path)))
        return found


def value_at(row: Any, column: str) -> Any:
    """A cell of a row, where points lead into objects and lists.

    >>> value_at({"example": {"premise": "It rains"}}, "example.premise")
    'It rains'
    """
    for part in column.split("."):
        row = cell(row, int(part) if isinstance(row, list) and part.isdigit() else part, f"column {column}")
    return row
