"""`list`: methods, noises, corpora, encoders and grids."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.cli.describing import CONTROL, NEEDY, ORACLE, Row, described, marks, rows_of, shown
from benchmark.cli.output import say, say_json, tell


def listing(
    what: Annotated[str, typer.Argument(help="methods, noises, corpora, encoders or grids")],
    plugin: options.Plugins = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="With equations, sources and departures.")] = False,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print the citations, each once.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
    families: Annotated[bool, typer.Option("--families", help="One row a family of methods or noises.")] = False,
) -> None:
    """List what there is to choose from."""
    from benchmark.cli.citations import bibliography
    from benchmark.contracts.errors import BenchmarkError, UnknownNameError

    if what not in LISTS:
        raise UnknownNameError("list", what, LISTS)
    options.load_plugins(plugin)
    if bibtex and what not in CITED:
        raise BenchmarkError(f"'{what}' carry no citations. Those of {', '.join(CITED)} can be printed.")
    if families and what not in KINDRED:
        raise BenchmarkError(f"'{what}' have no families. Those of {' and '.join(KINDRED)} can be listed.")
    if markdown and what not in CITED:
        raise BenchmarkError(f"'{what}' have no Markdown table. Those that have one: {', '.join(CITED)}.")
    if markdown or families:
        _show_table(what, families, markdown)
        return
    rows = LISTS[what]()
    if bibtex:
        say(bibliography(row["citation"] for row in rows if row.get("citation")))
    elif as_json:
        say_json(rows, indent=1)
    else:
        _show(what, rows, verbose)


def _corpora() -> list[Row]:
    from benchmark.corpora import availability, corpus_names, load_card

    rows = []
    for name in corpus_names():
        card = load_card(name)
        rows.append(
            {
                "name": name,
                "classes": len(card.label_names),
                "observed": ", ".join(card.observed),
                "at_hand": availability(name).at_hand,
                "about": card.title,
                "citation": card.citation,
            }
        )
    return rows


def _encoders() -> list[Row]:
    from benchmark.training.encoders.names import LISTED, encoder_from

    return [{"name": name, "kind": encoder_from(name).kind, "at_hand": encoder_from(name).at_hand()} for name in LISTED]


def _grids() -> list[Row]:
    from benchmark.experiment.grid import grid_names, load_grid

    rows = []
    for name in grid_names():
        grid = load_grid(name)
        rows.append({"name": name, "encoder": ", ".join(grid.encoders), "seeds": grid.seeds, "about": grid.title})
    return rows


LISTS: dict[str, Callable[[], list[Row]]] = {
    "methods": partial(rows_of, "methods"),
    "noises": partial(rows_of, "noises"),
    "corpora": _corpora,
    "encoders": _encoders,
    "grids": _grids,
}

CITED = ("methods", "noises", "corpora")
KINDRED = ("methods", "noises")


def _show_table(what: str, families: bool, markdown: bool) -> None:
    from benchmark.cli import catalogue

    if not markdown:
        for family, names in catalogue.families_of(what).items():
            tell(f"{family}: {', '.join(names)}")
    elif families:
        say(catalogue.family_table(what))
    else:
        say(catalogue.corpus_table() if what == "corpora" else catalogue.full_table(what))


def _show(what: str, rows: list[Row], verbose: bool) -> None:
    from rich.markup import escape
    from rich.table import Table

    from benchmark.cli.terminal import make_console

    console = make_console()
    hidden = {"docstring", "departures", "citation", "ranges", "version", "measured_as"}
    hidden |= {"parameters", "needs", "oracle", "control"} if what == "methods" else {"family"}
    if verbose and what in ("methods", "noises"):
        for row in rows:
            console.print(f"[bold]{escape(row['name'])}[/]", highlight=False)
            for line in described(row, flowing=True):
                tell(line)
            console.print()
        return
    columns = [key for key in rows[0] if key not in hidden and any(row[key] for row in rows)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in columns:
        table.add_column(key, no_wrap=key not in ("about", "parameters"), overflow="fold")
    for row in rows:
        table.add_row(*(escape(shown(row[key]) + (marks(row) if key == "name" else "")) for key in columns))
    console.print(table)
    if what == "methods":
        tell(f"{NEEDY} reads test texts or label names; {ORACLE} oracle, {CONTROL} control: never ranked.")
        tell("Parameters and their ranges, equations, needs and departures: list methods -v")
    if what == "encoders":
        tell("Any Hugging Face name works too, alone or behind 'frozen:'.")
