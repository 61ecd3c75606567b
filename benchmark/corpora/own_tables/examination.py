"""A user's files, looked at whole: texts, labels, what cannot be used, what is done
about it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.label_kinds import LabelKinds, label_kinds, sorted_names
from benchmark.corpora.own_tables.own_data import OwnData
from benchmark.corpora.own_tables.own_files import OwnFiles, own_files
from benchmark.corpora.own_tables.same_texts import shared_among
from benchmark.corpora.tables.gathering import Gathered, gather
from benchmark.corpora.tables.probabilities import are_probabilities, classes_of
from benchmark.corpora.tables.schema import SplitTable


@dataclass
class Examination:
    """What a user's files hold.

    `tables` and `gathered` are by split. Rows that cannot be used are among `problems`
    alone, which map what is wrong to the numbers of rows. `once`: classes of train that
    are seen once, with their rows. `shared`: rows of train that have one text, by their
    places in `gathered`. `moved`: how many rows of one split were left out since
    another has their texts.
    """

    own: OwnData
    tables: dict[SplitName, SplitTable]
    paths: dict[str, Path]
    remarks: list[str]
    gathered: dict[SplitName, Gathered]
    kinds: LabelKinds
    problems: dict[SplitName, dict[str, list[int]]]
    once: list[tuple[str, int]] = field(default_factory=list)
    shared: tuple[tuple[int, ...], ...] = ()
    moved: Counter[tuple[SplitName, SplitName]] = field(default_factory=Counter)

    @property
    def carved(self) -> bool:
        """Whether a part of train becomes test."""
        return "test" not in self.tables

    def classes(self, split: SplitName) -> list[list[str]]:
        """The classes that the answers of each row name, empty for no label."""
        return [[self.kinds.class_of(cell) for cell in answers] for answers in self.gathered[split].answers]

    def clean(self, split: SplitName) -> list[str]:
        """The class that is trusted of each row, empty where none is known."""
        if self.tables[split].clean is None:
            return [""] * len(self.gathered[split].texts)
        return [self.kinds.class_of(cell) for cell in self.gathered[split].clean]

    def checked(self, split: SplitName) -> int:
        """How many rows of the split have a label that can be trusted."""
        return sum(map(bool, self.clean(split)))

    def has_clean_labels(self, split: SplitName) -> bool:
        """Whether every row of the split has a label that can be trusted."""
        return self.tables[split].clean is not None and all(self.clean(split))

    @property
    def is_partly_checked(self) -> bool:
        """Whether a split has a label that can be trusted in some rows alone."""
        return any(self.checked(split) and not self.has_clean_labels(split) for split in self.tables)

    def names(self) -> tuple[str, ...]:
        """The classes of all rows that can be used, whole numbers by value."""
        return sorted_names({name for split in self.tables for _, name in self.named_labels(split)})

    def named_labels(self, split: SplitName) -> Iterator[tuple[int, str]]:
        """Every class that a row of the split names, with the row's number."""
        rows = zip(self.gathered[split].numbers, self.classes(split), self.clean(split), strict=True)
        for number, answers, clean in rows:
            yield from ((number, name) for name in (*answers, clean) if name)

    def leave_out(self, split: SplitName, numbers: Sequence[int]) -> None:
        """Take rows out of a split, for good."""
        if not numbers:
            return
        it, gone = self.gathered[split], set(numbers)
        kept = [number not in gone for number in it.numbers]
        it.keep(kept)
        if split == "train":
            self.shared = shared_among(self.shared, kept)
        whole = {row for number in gone for row in it.members.get(number, (number,))}
        table = self.tables[split]
        left_out = tuple(sorted({*table.left_out, *whole}))
        self.tables[split] = table.model_copy(update={"left_out": left_out})


def read_whole(own: OwnData) -> Examination:
    """Read the files and find what their cells mean; rows that cannot be read are
    problems.
    """
    files = own_files(own)
    gathered = {split: gather(files.paths, table) for split, table in files.tables.items()}
    _read_probabilities(own, files, gathered)
    kinds = label_kinds(
        (label for it in gathered.values() for answers in it.answers for label in answers),
        (cell for split, it in gathered.items() if files.tables[split].clean is not None for cell in it.clean),
        own.no_label,
        own.fold_case,
    )
    problems = {split: dict(it.problems) for split, it in gathered.items()}
    found = Examination(own, files.tables, files.paths, files.remarks, gathered, kinds, problems)
    for split, by_kind in problems.items():
        found.leave_out(split, [number for numbers in by_kind.values() for number in numbers])
    return found


def _read_probabilities(own: OwnData, files: OwnFiles, gathered: dict[SplitName, Gathered]) -> None:
    """Take several columns for probabilities where they are that in every row."""
    labelled = {split: it for split, it in gathered.items() if len(files.tables[split].labels) > 1}
    if not labelled or not all(are_probabilities(it.answers) for it in labelled.values()):
        return
    classes = classes_of(own.label_columns)
    _refuse_columns_of_one_class(own, classes)
    for split in labelled:
        files.tables[split] = files.tables[split].model_copy(update={"probabilities": classes})
        gathered[split] = gather(files.paths, files.tables[split])
    files.remarks.append(
        f"The columns {', '.join(own.label_columns)} are probabilities of the classes {', '.join(classes)}: the most "
        "probable class is the label of a row, and rows with two such classes have none. `audit` weighs a row by its "
        "probabilities; a training takes the label alone."
    )


def _refuse_columns_of_one_class(own: OwnData, classes: Sequence[str]) -> None:
    """Raise a BenchmarkError for columns of probabilities whose names are spellings of
    one class.
    """
    kinds = label_kinds(classes, (), (), own.fold_case)
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for column, name in zip(own.label_columns, classes, strict=True):
        columns[kinds.class_of(name)].append(column)
    for name, same in columns.items():
        if len(same) > 1:
            listed = " and ".join(f"'{column}'" for column in same)
            raise BenchmarkError(f"The columns {listed} are probabilities of one class, '{name}'. Add them up in one.")
