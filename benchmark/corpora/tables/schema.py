"""What the files of one split are and what their columns mean."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from benchmark.corpora.tables.cells import Column
from benchmark.corpora.tables.layout import Layout

TEXT_SEPARATOR = " | "


class TableFile(BaseModel):
    """One file, by its name among the files of a source, and how it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    file: str
    layout: Layout = Layout()


class LabelFiles(BaseModel):
    """Files that hold the labels of texts of other files.

    `id`: the column in which a row names its text. `text_id`: the column of the texts'
    files in which that name stands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    files: tuple[TableFile, ...]
    id: Column
    text_id: Column


class SplitTable(BaseModel):
    """The files of one split, one after another, and their columns.

    `text`: columns joined by ` | `. `labels`: columns of labels that may be wrong, one,
    or one for each annotator. `probabilities`: the classes of the columns `labels`,
    where their cells are probabilities. `clean`: labels that can be trusted, empty
    where a row was not checked. `annotator`: who gave the label of a row, where a text
    has a row for each. `left_out`: rows, counted from 1 over all files, that are not
    read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    files: tuple[TableFile, ...]
    text: tuple[Column, ...]
    labels: tuple[Column, ...] = ()
    probabilities: tuple[str, ...] = ()
    clean: Column | None = None
    annotator: Column | None = None
    label_files: LabelFiles | None = None
    left_out: tuple[int, ...] = ()

    @property
    def votes(self) -> bool:
        """Whether a text can have several labels, which are votes."""
        return self.annotator is not None or (len(self.labels) > 1 and not self.probabilities)
