"""`speed`: the bar of the design, measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.output import say, tell
from benchmark.experiment.option_kinds import split_list

if TYPE_CHECKING:
    from benchmark.speed import Measurement


def speed(
    lines: Annotated[
        str | None, typer.Option(help="Lines to measure, comma-separated, by name or letter (a, b, …); all by default.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes: shows that the lines run, decides nothing.")] = (
        False
    ),
    authors: Annotated[Path | None, typer.Option(help="A checkout of the code of DyGen's authors, to race.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for speed.json and speed.md.")] = None,
    show_lines: Annotated[bool, typer.Option("--list", help="List the lines.")] = False,
) -> None:
    """Measure what the harness and DyGen cost, as ratios in one run, against the bar
    they must keep.
    """
    import tempfile

    from rich.markup import escape

    from benchmark.cli.terminal import make_console
    from benchmark.files.durable import check_writable
    from benchmark.records.machine import load_average
    from benchmark.speed import LINES, Setting, chosen_lines
    from benchmark.speed.authors import check_folder
    from benchmark.speed.output import busy, surroundings
    from benchmark.speed.setting import QUICK, Sizes

    if show_lines:
        for letter, line in zip("abcdefghijklmnopqrstuvwxyz", LINES.values(), strict=False):
            tell(line.about, mark=f"{letter}  {line.name:16} ")
        return
    chosen = chosen_lines(split_list(lines) if lines is not None else None)
    if out is not None:
        check_writable(out)
    if authors is not None:
        check_folder(authors)
    console = make_console(error=True)
    load = load_average()
    if warning := busy(load):
        console.print(f"[yellow]Warning[/]  {warning}", highlight=False)
    found: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-speed-", ignore_cleanup_errors=True) as folder:
        setting = Setting(Path(folder), QUICK if quick else Sizes(), authors=authors)
        console.print(f"On {setting.corpus}, encoders {setting.tuned} and {setting.head}", highlight=False)
        try:
            for line in chosen:
                console.print(f"[dim]measuring {escape(line.name)}: {escape(line.about)}[/]", highlight=False)
                measured = line.measure(setting)
                found += [one.unjudged() for one in measured] if quick else measured
        finally:
            # What was measured before a line failed or the user stopped is worth its minutes.
            if found:
                _show(found, quick)
                if out is not None:
                    _write(found, surroundings(quick, load), out)


def _show(found: list[Measurement], quick: bool) -> None:
    """Show a line a measurement; below what is missed stands where the time goes."""
    from rich.markup import escape
    from rich.table import Table

    from benchmark.cli.terminal import make_console
    from benchmark.speed.output import QUICK_NOTE, goes

    colours = {"met": "green", "missed": "red"}
    console = make_console()
    table = Table("line", "what", box=None, pad_edge=False, header_style="bold")
    for name in ("measured", "bar", "verdict"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        colour: Any = colours.get(one.verdict, "default")
        below = f"\n[dim]{escape(goes(one))}[/]" if one.verdict == "missed" or one.note else ""
        verdict = f"[{colour}]{one.verdict}[/]"
        table.add_row(one.line, escape(one.what) + below, one.measured, one.bar, verdict)
    console.print(table)
    if quick:
        console.print(QUICK_NOTE, highlight=False)


def _write(found: list[Measurement], about: dict[str, Any], out: Path) -> None:
    from benchmark.cli.speed_page import as_markdown
    from benchmark.files.durable import write_whole
    from benchmark.speed.output import as_json

    write_whole(out / "speed.json", as_json(found, about).encode())
    write_whole(out / "speed.md", as_markdown(found, about).encode())
    say(f"{out}/speed.json and speed.md")
