"""`noise kinds`: the sources of observed noise beside each other."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.output import say, say_json, tell

FIGURE = "noise-kinds.png"

Names = Annotated[list[str] | None, typer.Argument(help="Corpora; all at hand by default.", show_default=False)]


def kinds(
    names: Names = None,
    page: Annotated[
        Path | None, typer.Option(help="Markdown page whose block is written anew, the figure beside it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the observed noise of all corpora: rates, asymmetry, agreement, and
    whether a classifier can tell wrong labels.

    `python -m benchmark noise kinds trec semeval`
    """
    from benchmark.analysis.layout.noise_kinds import kinds_markdown
    from benchmark.cli.terminal import make_console
    from benchmark.contracts import BenchmarkError
    from benchmark.corpora import availability, corpus_names, load_card
    from benchmark.noisy_labels.kinds import noise_kinds

    console = make_console(error=True)
    chosen = [load_card(name).name for name in names or corpus_names()]
    absent = [name for name in chosen if load_card(name).observed and not availability(name).at_hand]
    if absent and (names or page):
        raise BenchmarkError(f"Not at hand: {', '.join(absent)}. Fetch them with `data fetch`, or set BENCHMARK_DATA.")
    found = [
        dataclasses.asdict(kind)
        for kind in noise_kinds(
            [name for name in chosen if name not in absent],
            lambda name: console.print(f"measuring {name}", style="dim", markup=False, highlight=False),
        )
    ]
    if absent:
        tell(f"Not at hand, left out: {', '.join(absent)}", error=True)
    if not found:
        raise BenchmarkError("No corpus that was asked for has observed and trusted labels. See `data list`.")
    if page is not None:
        _write(page, found)
    if as_json:
        say_json(found, indent=1)
    else:
        say(kinds_markdown(found).rstrip("\n"))


def _write(page: Path, found: list[dict[str, object]]) -> None:
    from benchmark.analysis.figures.noise_kinds import in_few_colours, noise_kinds_figure
    from benchmark.analysis.files import write_bytes
    from benchmark.analysis.layout.noise_kinds import by_roc_area, kinds_markdown, with_kinds
    from benchmark.contracts import BenchmarkError

    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BenchmarkError(f"Cannot read the page {page}: {error}. Name a page of Markdown.") from None
    content = with_kinds(text, kinds_markdown(found), FIGURE)
    write_bytes(page.with_name(FIGURE), in_few_colours(noise_kinds_figure(by_roc_area(found)).png))
    write_bytes(page, content.encode())
    say(f"Written: {page} and {page.with_name(FIGURE)}", error=True)
