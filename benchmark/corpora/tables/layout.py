"""How the rows of a file are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Format = Literal["csv", "tsv", "jsonl", "parquet", "json", "workbook", "arrow"]

FORMATS: Mapping[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".arrow": "arrow",
    ".feather": "arrow",
}
"""Formats by the end of a file's name."""

DELIMITERS: Mapping[str, str] = {"csv": ",", "tsv": "\t"}
"""What stands between cells where nothing else is said."""

HEADER_AGAIN = "repeats the header"
"""The problem of a row that holds names of columns in place of cells."""


class Layout(BaseModel):
    """How the rows of a file are written.

    `header`: whether the first row names the columns. `by_number`: whether rows are
    lists of cells, which they are without a header, too. `delimiter`: what stands
    between cells; empty is that of the format. `quotes`: whether a cell may stand in
    quotes; else a quote is a letter. `backslashes`: whether a backslash escapes quotes
    or, where no cell is quoted, what databases escape. `gzipped`: whether the file is
    compressed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Format = "csv"
    encoding: str = "utf-8"
    header: bool = True
    by_number: bool = False
    delimiter: str = ""
    quotes: bool = True
    backslashes: bool = False
    gzipped: bool = False

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return self.delimiter or DELIMITERS.get(self.format, ",")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    `number` counts rows below the header from 1. `cells` are values by column name, or
    a list. `problem`: why the row cannot be read, or nothing.
    """

    number: int
    cells: Any
    problem: str = ""
