"""`site`: a static leaderboard of archives, with the trials behind every number."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.output import tell
from benchmark.cli.sources import each_record_of


def site(
    out: Annotated[Path, typer.Argument(help="Folder of the site: missing or empty, or an earlier site.")],
    sources: Annotated[list[Path], typer.Argument(metavar="ARCHIVE...", help="Archives and run folders.")],
    reference: Annotated[str, typer.Option(help="Method that the others are compared with.")] = "cross_entropy",
) -> None:
    """Write a leaderboard as a folder of pages, which opens from the disk.

    `python -m benchmark site leaderboard results/measured/*/records.parquet`
    """
    from benchmark.analysis.site.build import write_site

    made = write_site(out, list(dict.fromkeys(sources)), each_record_of, reference)
    tell(f"{made.pages} pages on {made.trials} trials, {made.size / 1e6:.1f} MB: {made.folder}/index.html")
