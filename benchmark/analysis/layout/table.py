"""A table as data: what the formats render, free of any markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["", "best", "close"]
LONG = 40
"""Characters from which a cell is words to be wrapped rather than a number or a
name.
"""
Section = Literal[
    "headline",
    "macro_f1",
    "across",
    "differences",
    "single",
    "calibration",
    "noise",
    "training",
    "cost",
    "oracle",
    "failures",
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the group that neighbours share, and a second line such as a
    rate.
    """

    name: str
    group: str = ""
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a cell and how it is set: `best` is bold, `close` underlined."""

    text: str
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `rule` asks for a line above it."""

    label: str
    cells: tuple[Cell, ...]
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `stub` heads the first column, `key` is unique in a
    report.

    >>> rows = (Row("ce", (Cell("1"), Cell("2"))),)
    >>> Table("t", "headline", "A", "", "method", (Column("x"),), rows)
    Traceback (most recent call last):
    ValueError: Table 't': row 'ce' has 2 cells for 1 columns.
    """

    key: str
    section: Section
    title: str
    caption: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sub_stub: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                counts = f"{len(row.cells)} cells for {len(self.columns)} columns"
                raise ValueError(f"Table '{self.key}': row '{row.label}' has {counts}.")

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Runs of neighbouring columns with one group, each with its width; empty when
        no column has a group.
        """
        runs: list[tuple[str, int]] = []
        for column in self.columns:
            if runs and runs[-1][0] == column.group:
                runs[-1] = (column.group, runs[-1][1] + 1)
            else:
                runs.append((column.group, 1))
        return tuple(runs) if any(name for name, _ in runs) else ()

    @property
    def wordy(self) -> tuple[bool, ...]:
        """Of each column, whether it holds lists or sentences: formats set it flush
        left and let it wrap.
        """
        return tuple(any(len(row.cells[place].text) > LONG for row in self.rows) for place in range(len(self.columns)))

    @property
    def has_subs(self) -> bool:
        """Whether any column has a second line."""
        return any(column.sub for column in self.columns)
