"""A table of one's own as an audit reads it: every row, with its number in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, UnknownNameError
from benchmark.contracts.arrays import BoolArray
from benchmark.contracts.labels.votes import majority
from benchmark.corpora.own import OwnData, examine_alone
from benchmark.corpora.own_tables.examination import Examination, read_whole
from benchmark.corpora.own_tables.label_kinds import sorted_names
from benchmark.corpora.own_tables.label_sets import refuse_label_sets_that_do_not_fit
from benchmark.corpora.own_tables.remarks import remarks_on_reading

TRAIN, TEST = "train", "test"
MOST_SHARES = 3
"""Of so many classes the given probabilities are shown."""


@dataclass(frozen=True)
class LabelledTable:
    """Texts and given labels in the order of a file, or of several.

    `rows`: int64 (N,), numbers in the file, from 1, its header not counted. `labels`:
    int64 (N,), places in `label_names`, -1 where there is none. Of several annotators'
    labels it is the most frequent one. `votes`: int64 (N, R), -1 where an annotator is
    silent, and no column where a row has one label. `annotators`: R names. `test`: bool
    (N,), the rows of a test set. `remarks`: what was found out about the file, a
    sentence each. `soft`: float32 (N, C), the probabilities that a row was given, the
    most probable class of which is its label; None where labels are names. `files`: the
    name of each row's file; empty where all rows but those of a test file are of one.
    """

    name: str
    rows: LabelArray
    texts: tuple[str, ...]
    labels: LabelArray
    label_names: tuple[str, ...]
    votes: LabelArray
    annotators: tuple[str, ...]
    test: BoolArray
    remarks: tuple[str, ...] = field(default=())
    soft: npt.NDArray[np.float32] | None = None
    files: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def has_test(self) -> bool:
        """Whether some rows are those of a test set."""
        return bool(self.test.any())

    def split(self, place: int) -> str:
        """Give the split of a row."""
        return TEST if self.test[place] else TRAIN

    def where(self, place: int) -> int | str:
        """Say the number of a row in its file, the file where there are several, and
        that it is a test row where it is.
        """
        row: int | str = int(self.rows[place])
        row = f"{row} of {self.file(place)}" if self.files else row
        return f"{row} ({TEST})" if self.test[place] else row

    def file(self, place: int) -> str:
        """Name the file of a row, with the empty text where all are of one."""
        return self.files[place] if self.files else ""

    def given(self, place: int) -> str:
        """Name a row's given label, with the empty text where there is none."""
        label = int(self.labels[place])
        return self.label_names[label] if label >= 0 else ""

    def votes_of(self, place: int) -> str:
        """Say how many annotators gave which label, most first, or with which
        probability a label was given.

        It is empty where a row has one label.
        """
        if self.soft is not None:
            order = np.argsort(-self.soft[place], kind="stable")[:MOST_SHARES]
            return ", ".join(f"{self.label_names[k]} {self.soft[place, k]:.2f}" for k in order.tolist())
        counts = Counter(label for label in self.votes[place].tolist() if label >= 0)
        return ", ".join(f"{self.label_names[label]} {count}" for label, count in counts.most_common())


def read_labelled(own: OwnData, test_rows: str = "") -> LabelledTable:
    """Read a table of one's own, with the test rows of a file of theirs.

    Parameters
    ----------
    own : the files. Those of validation rows are not read.
    test_rows : COLUMN=VALUE, which rows of the table are a test set.

    Returns
    -------
    The table, the rows of a test file behind the others.

    A file, column or text that is not there, a row that cannot be used and may not be
    skipped, and labels of fewer than two classes are a BenchmarkError that says where.
    """
    if own.test is not None and test_rows:
        raise BenchmarkError("--test-data and --test-rows both say which rows are a test set. Give one of them.")
    own.check()
    found = examine_alone(own)
    if own.test is not None:
        refuse_label_sets_that_do_not_fit(found)
    columns = _columns(found)
    texts: list[str] = []
    numbers: list[int] = []
    answers: list[list[str]] = []
    test: list[bool] = []
    sources: list[tuple[Path, int]] = []
    for split, it in found.gathered.items():
        texts, numbers = texts + it.texts, numbers + it.numbers
        answers += _aligned(found.classes(split), it.voters, columns)
        test += [split == TEST] * len(it.texts)
        sources += it.in_files(it.numbers)
    if test_rows:
        named = _rows_with(own, test_rows)
        test = [number in named for number in numbers]
    voters, rows = columns if len(columns) > 1 else (), [row for _, row in sources]
    table = make_table(own.title, texts, answers, rows, voters, test)
    remarks, soft = tuple(remarks_on_reading(found)), _soft(found, table.label_names)
    return replace(table, remarks=remarks, soft=soft, files=_names(own, [path for path, _ in sources]))


def _names(own: OwnData, paths: Sequence[Path]) -> tuple[str, ...]:
    """Name the file of each row, with as many of its folders as tell all files apart.

    There are no names where the table is one file.
    """
    if not own.more_data:
        return ()
    named = {path: path.resolve().parts for path in paths}
    every, folders = len(set(named.values())), 1
    while len({parts[-folders:] for parts in named.values()}) < every:
        folders += 1
    short = {path: "/".join(parts[-folders:]) for path, parts in named.items()}
    return tuple(short[path] for path in paths)


def _soft(found: Examination, label_names: Sequence[str]) -> npt.NDArray[np.float32] | None:
    """Give the probabilities of the classes that are the label of some row, each row
    with the sum one.

    It is None where labels are names.
    """
    columns = found.tables["train"].probabilities
    if not columns:
        return None
    given = np.array([row for it in found.gathered.values() for row in it.shares], dtype=np.float32)
    soft = np.zeros((len(given), len(label_names)), dtype=np.float32)
    for column, name in enumerate(map(found.kinds.class_of, columns)):
        if name in label_names:
            soft[:, label_names.index(name)] += given[:, column]
    return np.asarray(soft / np.maximum(soft.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _columns(found: Examination) -> tuple[str, ...]:
    """Give the annotators: those that a column names, or the columns of labels."""
    voters = sorted({name for it in found.gathered.values() for name in it.voters})
    return tuple(voters) or (found.own.label_columns if not found.tables["train"].probabilities else ())


def _aligned(answers: list[list[str]], voters: Sequence[str], columns: Sequence[str]) -> list[list[str]]:
    """Put the answers in the order of all annotators, some of whom a file may not
    have.
    """
    if not voters or list(voters) == list(columns):
        return answers
    place = {name: column for column, name in enumerate(voters)}
    return [[row[place[name]] if name in place else "" for name in columns] for row in answers]


def _rows_with(own: OwnData, wanted: str) -> set[int]:
    """Give the numbers of the rows whose cell in a column has a value."""
    column, equals, value = wanted.partition("=")
    if not (column and equals and value):
        raise BenchmarkError(f"--test-rows needs COLUMN=VALUE, as in split=test; '{wanted}' was given.")
    try:
        cells = read_whole(replace(own, label_column=column, annotator_column=None, clean_column=None, no_label=()))
    except UnknownNameError as error:
        error.args = (str(error).replace("--label-column", "--test-rows"),)
        raise
    it = cells.gathered["train"]
    rows = {number for number, (cell,) in zip(it.numbers, it.answers, strict=True) if cell.strip() == value.strip()}
    if not rows:
        met = [f"'{cell}'" for cell, _ in Counter(cell for (cell,) in it.answers).most_common(10)]
        raise BenchmarkError(f"No row of {own.title} has '{value}' in column '{column}'. It has {', '.join(met)}.")
    return rows


def make_table(
    name: str,
    texts: Sequence[str],
    answers: Sequence[Sequence[str]],
    rows: Sequence[int] | None = None,
    annotators: Sequence[str] = (),
    test: Sequence[bool] | None = None,
) -> LabelledTable:
    """Make a table of texts and the names of their labels, one or one an annotator, an
    empty name for no label.

    Parameters
    ----------
    name : what the table is called.
    texts, answers : N texts, and the labels of each.
    rows : N numbers; 1 to N if not given.
    annotators : their names, numbers if not given.
    test : which rows are a test set; none if not given.
    """
    ordered = sorted_names({label for given in answers for label in given} - {""})
    if len(ordered) < 2:
        raise BenchmarkError(f"{name} has labels of {len(ordered)} class; two are needed to tell anything apart.")
    place = {label: number for number, label in enumerate(ordered)} | {"": UNLABELLED}
    votes = np.array([[place[label] for label in given] for given in answers], dtype=np.int64)
    single = votes.shape[1] == 1
    numbered = [f"annotator {number + 1}" for number in range(votes.shape[1])]
    return LabelledTable(
        name=name,
        rows=np.arange(1, len(votes) + 1) if rows is None else np.asarray(rows, dtype=np.int64),
        texts=tuple(texts),
        labels=votes[:, 0] if single else majority(votes, texts, len(ordered)),
        label_names=ordered,
        votes=votes[:, :0] if single else votes,
        annotators=() if single else tuple(annotators or numbered),
        test=np.zeros(len(votes), dtype=np.bool_) if test is None else np.asarray(test, dtype=np.bool_),
    )
