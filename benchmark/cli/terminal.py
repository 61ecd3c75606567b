"""Tables of a report on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from benchmark.analysis.tables.model import Cell, Table

STYLES = {"": "{}", "best": "[bold green]{}[/]", "close": "[underline]{}[/]"}
PLAIN = {"": "{}", "best": "*{}", "close": "_{}_"}


def show_table(console: Console, table: Table) -> None:
    """Print a table; without a terminal the best has a star and what is close to it stands between underscores."""
    marks = STYLES if console.is_terminal else PLAIN
    shown = RichTable(title=escape(table.title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    stub = f"{table.stub}\n{table.sub_stub}" if table.sub_stub else table.stub
    shown.add_column(escape(stub), no_wrap=True)
    for column in table.columns:
        shown.add_column(escape(f"{column.name}\n{column.sub}" if column.sub else column.name), justify="right")
    for row in table.rows:
        shown.add_row(escape(row.label), *(_text(cell, marks) for cell in row.cells))
    console.print(shown)


def _text(cell: Cell, marks: dict[str, str]) -> str:
    return marks[cell.mark].format(escape(cell.text))
