"""A table of one's own as an audit reads it: every row, with its number in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray
from benchmark.contracts.labels.votes import majority
from benchmark.corpora.own import OwnData, examine_alone
from benchmark.corpora.own_tables.label_kinds import sorted_names
from benchmark.corpora.own_tables.remarks import remarks_on_reading


@dataclass(frozen=True)
class LabelledTable:
    """Texts and given labels in the order of a file.

    `rows`: int64 (N,), numbers in the file, from 1, its header not counted. `labels`:
    int64 (N,), places in `label_names`, -1 where there is none. Of several annotators'
    labels it is the most frequent one. `votes`: int64 (N, R), -1 where an annotator is
    silent, and no column where a row has one label. `annotators`: R names. `remarks`:
    what was found out about the file, a sentence each.
    """

    name: str
    rows: LabelArray
    texts: tuple[str, ...]
    labels: LabelArray
    label_names: tuple[str, ...]
    votes: LabelArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    annotators: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    def given(self, place: int) -> str:
        """The name of a row's given label, empty where there is none."""
        label = int(self.labels[place])
        return self.label_names[label] if label >= 0 else ""

    def votes_of(self, place: int) -> str:
        """How many annotators gave which label, most first; empty where a row has
        one.
        """
        counts = Counter(label for label in self.votes[place].tolist() if label >= 0)
        return ", ".join(f"{self.label_names[label]} {count}" for label, count in counts.most_common())


def read_labelled(own: OwnData) -> LabelledTable:
    """Read a table of one's own.

    A file, column or text that is not there, a row that cannot be used and may not be
    skipped, and labels of fewer than two classes are a BenchmarkError that says where.
    """
    own.check()
    found = examine_alone(own)
    it, answers = found.gathered["train"], found.classes("train")
    table = make_table(own.data.name, it.texts, answers, it.numbers)
    several = len(own.label_columns) > 1 and len(own.label_columns) == len(table.annotators)
    names = own.label_columns if several else table.annotators
    return LabelledTable(
        table.name,
        table.rows,
        table.texts,
        table.labels,
        table.label_names,
        table.votes,
        names,
        tuple(remarks_on_reading(found)),
    )


def make_table(
    name: str, texts: Sequence[str], answers: Sequence[Sequence[str]], rows: Sequence[int] | None = None
) -> LabelledTable:
    """A table of texts and the names of their labels, one or one an annotator, an empty
    name for no label.
    """
    ordered = sorted_names({label for given in answers for label in given} - {""})
    if len(ordered) < 2:
        raise BenchmarkError(f"{name} has labels of {len(ordered)} class; two are needed to tell anything apart.")
    place = {label: number for number, label in enumerate(ordered)} | {"": UNLABELLED}
    votes = np.array([[place[label] for label in given] for given in answers], dtype=np.int64)
    single = votes.shape[1] == 1
    labels = votes[:, 0] if single else majority(votes, texts, len(ordered))
    return LabelledTable(
        name,
        np.arange(1, len(votes) + 1) if rows is None else np.asarray(rows, dtype=np.int64),
        tuple(texts),
        labels,
        ordered,
        votes[:, :0] if single else votes,
        () if single else tuple(f"annotator {number + 1}" for number in range(votes.shape[1])),
    )
