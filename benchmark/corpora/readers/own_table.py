"""A user's own files, as they were found to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from benchmark.contracts import UNLABELLED, BenchmarkError
from benchmark.corpora.own_tables.same_texts import groups_from, representative_texts
from benchmark.corpora.readers.base import RawSplit, Reader, readers
from benchmark.corpora.readers.splitting import carve_test
from benchmark.corpora.readers.table import hashed_ids
from benchmark.corpora.tables.gathering import gather
from benchmark.corpora.tables.schema import SplitTable

Rows = tuple[int, ...]


@readers.register
class OwnTable(Reader):
    """Rows of any export.

    `source`: the name of the labels that may be wrong. `spellings`: classes by cells
    that are written otherwise. `absent`: cells that are no label. `shared`: places of
    rows of train that have one text and stay together. `test_share`: without a table
    for test, the share of train's texts that become test. `partly_checked`: clean
    labels of some rows are known, see `table`.
    """

    name: ClassVar[str] = "own_table"
    splits: dict[str, SplitTable]
    source: str
    spellings: dict[str, str] = {}
    absent: tuple[str, ...] = ("",)
    shared: tuple[Rows, ...] = ()
    test_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    partly_checked: bool = False

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits, each in the order of its files."""
        classes = {name: place for place, name in enumerate(label_names)}
        found = {name: self._split(files, table, classes) for name, table in self.splits.items()}
        train = found["train"]
        groups = groups_from(self.shared, len(train.texts))
        if self.shared:
            found["train"] = train = train.with_groups(groups)
        if self.test_share is None or "test" in found:
            return found
        keys = representative_texts(train.texts, groups)
        return found | carve_test(train, keys, self.test_share, self.partly_checked)

    def _split(self, files: Mapping[str, Path], table: SplitTable, classes: Mapping[str, int]) -> RawSplit:
        rows = gather(files, table)
        if rows.problems:
            raise BenchmarkError(f"{rows.path} has rows that cannot be used: {', '.join(rows.problems)}.")
        clean = [self._class(cell, classes) for cell in rows.clean]
        labels = clean if table.clean is not None else [UNLABELLED] * len(clean)
        answers = np.array([[self._class(cell, classes) for cell in row] for row in rows.answers], dtype=np.int64)
        return RawSplit(
            ids=tuple(hashed_ids(rows.texts, [UNLABELLED] * len(labels) if self.partly_checked else labels)),
            texts=tuple(rows.texts),
            clean_labels=np.array(labels, dtype=np.int64),
            votes=answers if table.labels and table.votes else None,
            given={} if not table.labels or table.votes else {self.source: answers[:, 0]},
        )

    def _class(self, cell: str, classes: Mapping[str, int]) -> int:
        return UNLABELLED if cell in self.absent else classes[self.spellings.get(cell, cell)]
