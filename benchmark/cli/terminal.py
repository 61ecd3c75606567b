"""The console of the command line, and tables of a report on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType  # noqa: TID251
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from benchmark.analysis.layout.table import LONG, Cell, Table
from benchmark.cli.output import defused, mute, width_of, wrapped

STYLES = {"": "{}", "best": "[bold green]{}[/]", "close": "[underline]{}[/]"}
PLAIN = {"": "{}", "best": "*{}", "close": "_{}_"}
GAP = 2
WIDE = 1000


class SafeConsole(Console):
    """A console whose texts cannot steer the terminal.

    Only rich's own styles and movements reach it.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does, and defuse the text of every segment."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(defused(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Go on without printing where the reader of a pipe has gone."""
        mute(self.file)


def make_console(*, error: bool = False, wide: bool = False) -> Console:
    """Make a console on standard output or standard error.

    A `wide` one is as wide as anything needs where that is no terminal.
    """
    made = SafeConsole(stderr=error)
    if wide and not made.is_terminal:
        made.width = WIDE
    return made


def show_text(console: Console, text: str, style: str = "", mark: str = "", mark_style: str = "") -> None:
    """Print sentences with lines broken between words, whatever the console's width for
    tables is.

    Parameters
    ----------
    console
        Where to print.
    text
        The sentences, without markup.
    style
        Their style.
    mark
        What stands before them, as a bullet does. Further lines are indented by its
        width.
    mark_style
        The style of the mark.
    """
    width = width_of(console.file) if console.width == WIDE else console.width
    whole = wrapped(text, width, mark, " " * cell_len(mark))
    shown = Text.assemble((whole[: len(mark)], mark_style), (whole[len(mark) :], style))
    console.print(shown, highlight=False, soft_wrap=True)


def show_table(console: Console, table: Table) -> None:
    """Print a table; without a terminal the best has a star and what is close to it
    stands between underscores.

    No number is ever cut: what is too wide for a terminal is printed in parts, one
    below the other.
    """
    marks = STYLES if console.is_terminal else PLAIN
    for number, columns in enumerate(_parts(table, marks, console.width)):
        title = f"{table.title} (continued)" if number else table.title
        show_text(console, title, "italic")
        shown = RichTable(box=None, pad_edge=False, header_style="bold")
        shown.add_column(escape("\n".join(_stub(table))), no_wrap=True)
        for place in columns:
            head, wordy = escape("\n".join(_header(table, place))), table.wordy[place]
            shown.add_column(head, justify="left" if wordy else "right", no_wrap=not wordy)
        for row in table.rows:
            shown.add_row(escape(row.label), *(_text(row.cells[place], marks) for place in columns))
        console.print(shown)


def _parts(table: Table, marks: dict[str, str], widest: int) -> Iterator[list[int]]:
    """Yield the places of columns that fit beside the rows' names, at least one a
    part.
    """
    columns: list[int] = []
    for place in range(len(table.columns)):
        if columns and _width(table, marks, [*columns, place]) > widest:
            yield columns
            columns = []
        columns.append(place)
    yield columns


def _width(table: Table, marks: dict[str, str], columns: Sequence[int]) -> int:
    stub = max(cell_len(text) for text in (*_stub(table), *(row.label for row in table.rows)))
    return stub + sum(GAP + _column_width(table, marks, place) for place in columns)


def _column_width(table: Table, marks: dict[str, str], place: int) -> int:
    cells = (Text.from_markup(_text(row.cells[place], marks)).plain for row in table.rows)
    widths = [cell_len(text) for text in cells]
    most = min(max(widths, default=0), LONG) if table.wordy[place] else max(widths, default=0)
    return max(most, *map(cell_len, _header(table, place)))


def _stub(table: Table) -> list[str]:
    return _lines(table, "", table.stub, table.sub_stub)


def _header(table: Table, place: int) -> list[str]:
    column = table.columns[place]
    return _lines(table, column.group, column.name, column.sub)


def _lines(table: Table, group: str, name: str, sub: str) -> list[str]:
    """The lines of a header, its group first where columns are of several groups."""
    several = len({column.group for column in table.columns}) > 1
    return [*([group] if several else []), name, *([sub] if sub else [])]


def _text(cell: Cell, marks: dict[str, str]) -> str:
    return marks[cell.mark].format(escape(cell.text))
