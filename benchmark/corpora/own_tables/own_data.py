"""What a user says of their own files."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.same_texts import Cut
from benchmark.corpora.tables.sniffing import stem_of


@dataclass(frozen=True)
class OwnData:
    """A user's files and what their columns are.

    `text_columns`: one, or several that are joined by ` | `. `label_column`: the labels
    to learn from, which may be wrong; several are votes, or probabilities of classes.
    `clean_column`: labels that can be trusted, in some files, some rows of them, or
    none: an empty cell leaves the row's clean label unknown. Without `test` a fifth of
    `data` becomes test, by hash of the text; without `valid` a tenth of train becomes
    validation. `max_tokens`: texts are cut there.

    `more_data`: further files of the form of `data`. `label_data`: files with the
    labels of the texts of `data`, which the columns `id_columns` bring together: one
    name, or that of the texts and that of the labels. `annotator_column`: who gave the
    label, where a text has a row for each. `separator` and `encoding`: how text files
    are written, found where they are not given. `no_label`: cells that stand for no
    label. `fold_case`: classes that differ in case alone are one. `skip_bad_rows`: rows
    that cannot be used are left out. `no_header`: the first row is no header, although
    it may look like one. `cuts`: what encoders see of texts.
    """

    data: Path
    text_columns: tuple[str, ...]
    label_column: str | tuple[str, ...] | None = None
    clean_column: str | None = None
    valid: Path | None = None
    test: Path | None = None
    max_tokens: int = 128
    more_data: tuple[Path, ...] = ()
    label_data: tuple[Path, ...] = ()
    id_columns: tuple[str, ...] = ()
    annotator_column: str | None = None
    separator: str | None = None
    encoding: str | None = None
    no_label: tuple[str, ...] | None = None
    fold_case: bool = False
    skip_bad_rows: bool = False
    no_header: bool = False
    cuts: tuple[Cut, ...] = ()

    @property
    def name(self) -> str:
        """What the corpus is called: the file's name in letters, digits and
        underscores.
        """
        return re.sub(r"\W+", "_", stem_of(self.data), flags=re.ASCII).strip("_") or "own"

    @property
    def title(self) -> str:
        """What a reader calls the table: its file, or its first file and how many
        more.
        """
        if len(self.more_data) > 1:
            return f"{self.data.name} and {len(self.more_data)} more"
        return " and ".join(path.name for path in (self.data, *self.more_data))

    @property
    def label_columns(self) -> tuple[str, ...]:
        """The columns of labels that may be wrong."""
        if isinstance(self.label_column, str):
            return (self.label_column,)
        return self.label_column or ()

    def files(self) -> dict[SplitName, tuple[Path, ...]]:
        """The files by split, train first."""
        given: dict[SplitName, tuple[Path | None, ...]] = {
            "train": (self.data, *self.more_data),
            "valid": (self.valid,),
            "test": (self.test,),
        }
        kept = {split: tuple(path for path in paths if path is not None) for split, paths in given.items()}
        return {split: paths for split, paths in kept.items() if paths}

    def check(self) -> None:
        """Raise a BenchmarkError for columns that do not go together."""
        if not self.text_columns or not (self.label_columns or self.clean_column):
            raise BenchmarkError(
                "Data of your own needs --text-column, and --label-column (labels that may be wrong) or "
                "--clean-column (labels that can be trusted). `data show FILE` lists the columns."
            )
        self._check_roles()
        data = [path.resolve() for path in self.files()["train"]]
        if twice := [str(path) for path, many in Counter(data).items() if many > 1]:
            raise BenchmarkError(
                f"{', '.join(twice)} is named twice, so that its rows would count twice. Name it once."
            )
        if self.label_data and not self.id_columns:
            raise BenchmarkError("Labels in a file of their own (--label-data) are found by an id: give --id-column.")
        if len(self.id_columns) > 2 or (self.id_columns and not self.label_data):
            raise BenchmarkError(
                "--id-column names the column by which --label-data finds its texts: give both, and the option once "
                "or, where texts and labels call it differently, twice."
            )
        if self.annotator_column and len(self.label_columns) != 1:
            raise BenchmarkError("--annotator-column says who gave the label of a row: give one --label-column.")

    def _check_roles(self) -> None:
        """Raise a BenchmarkError for a column that is named twice: a label that is read
        as a text gives itself away, and one that is called clean is never wrong.

        Texts and labels in two files may be called alike.
        """
        roles = [
            *([] if self.label_data else [("--text-column", name) for name in self.text_columns]),
            *(("--label-column", name) for name in self.label_columns),
            *(("--clean-column", name) for name in (self.clean_column,) if name),
            *(("--annotator-column", name) for name in (self.annotator_column,) if name),
        ]
        for name, many in Counter(name for _, name in roles).items():
            if many > 1:
                options = " and ".join(option for option, named in roles if named == name)
                raise BenchmarkError(f"Column '{name}' is named by {options}. Name another one, or name it once.")
