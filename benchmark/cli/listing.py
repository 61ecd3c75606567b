"""`list`: methods, noises, corpora, encoders and grids."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli import options

Row = dict[str, Any]


def listing(
    what: Annotated[str, typer.Argument(help="methods, noises, corpora, encoders or grids")],
    plugin: options.Plugins = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="With equations, sources and departures.")] = False,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print the citations of methods.")] = False,
) -> None:
    """List what there is to choose from."""
    from benchmark.contracts.errors import UnknownNameError
    from benchmark.plugins import load_entry_points, load_plugin, read_plugin

    if what not in LISTS:
        raise UnknownNameError("list", what, LISTS)
    load_entry_points()
    for path in plugin or ():
        load_plugin(read_plugin(Path(path)))
    rows = LISTS[what]()
    if bibtex:
        typer.echo("\n\n".join(row["citation"] for row in rows if row.get("citation")))
    elif as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        _show(what, rows, verbose)


def _methods() -> list[Row]:
    from benchmark.contracts import method_from, methods

    return [
        {
            "name": name,
            "family": methods[name].family,
            "networks": methods[name].networks,
            "parameters": _parameters(methods[name]),
            "needs": sorted(method_from(name).needs()),
            "control": methods[name].control,
            "about": _first_line(methods[name]),
            "docstring": methods[name].__doc__ or "",
            "departures": list(methods[name].departures),
            "citation": methods[name].citation,
        }
        for name in methods
    ]


def _noises() -> list[Row]:
    from benchmark.contracts import noises

    return [
        {
            "name": name,
            "parameters": _parameters(noises[name]),
            "about": _first_line(noises[name]),
            "docstring": noises[name].__doc__ or "",
        }
        for name in noises
    ]


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
            }
        )
    return rows


def _encoders() -> list[Row]:
    from methods.engine.encoders.names import LISTED, encoder_from

    return [{"name": name, "kind": encoder_from(name).kind, "at_hand": encoder_from(name).at_hand()} for name in LISTED]


def _grids() -> list[Row]:
    from benchmark.grid import grid_names, load_grid

    rows = []
    for name in grid_names():
        grid = load_grid(name)
        rows.append({"name": name, "encoder": ", ".join(grid.encoders), "seeds": grid.seeds, "about": grid.title})
    return rows


LISTS: dict[str, Callable[[], list[Row]]] = {
    "methods": _methods,
    "noises": _noises,
    "corpora": _corpora,
    "encoders": _encoders,
    "grids": _grids,
}


def _parameters(cls: type) -> dict[str, Any]:
    fields = dataclasses.fields(cls)
    return {f.name: "required" if f.default is dataclasses.MISSING else f.default for f in fields}


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0] if cls.__doc__ else ""


def _show(what: str, rows: list[Row], verbose: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    hidden = {"docstring", "departures", "citation"} | ({"parameters"} if what == "methods" else set())
    if verbose and what in ("methods", "noises"):
        for row in rows:
            console.print(f"[bold]{escape(row['name'])}[/]  {escape(_text(row['parameters']))}", highlight=False)
            console.print(escape(inspect.cleandoc(row["docstring"])), highlight=False, soft_wrap=True)
            for line in row.get("departures", []):
                console.print(f"  departs: {escape(line)}", highlight=False)
            console.print()
        return
    columns = [key for key in rows[0] if key not in hidden and any(row[key] for row in rows)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in columns:
        table.add_column(key, no_wrap=key not in ("about", "parameters"), overflow="fold")
    for row in rows:
        table.add_row(*(escape(_text(row[key])) for key in columns))
    console.print(table)
    if what == "methods":
        console.print("Parameters, equations and departures: list methods -v", highlight=False)
    if what == "encoders":
        console.print("Any Hugging Face name works too, alone or behind 'frozen:'.", highlight=False)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, dict):
        return " ".join(f"{key}={item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
