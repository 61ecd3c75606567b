"""`rates`: every noise-rate estimator on every cell of a grid."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.output import say
from benchmark.experiment.options import RunOptions

RATE_METHOD = "cross_entropy"
"""The configurations need a method, which is not trained."""


@options.takes("corpora", "noises", "encoders", "seeds", "limit_examples")
def rates(
    grid: options.GridName = "demo",
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("results/runs/noise-rates"),
    work: Annotated[
        Path | None, typer.Option(help="Run folder whose prepared artefacts are used and added to.")
    ] = None,
    **given: Unpack[RunOptions],
) -> None:
    """Compare the noise-rate estimators on every cell of a grid, without training any
    method.
    """
    from benchmark.analysis.files import csv_bytes
    from benchmark.analysis.formats.rate_table import rate_frame, rate_markdown
    from benchmark.cli.terminal import make_console
    from benchmark.experiment.choices import Choices
    from benchmark.experiment.expansion import expand
    from benchmark.experiment.grid import load_grid
    from benchmark.files.durable import write_whole
    from benchmark.records.artefacts import ArtefactCache
    from benchmark.records.run_folder import RunFolder
    from benchmark.running.rate_study import DEFAULT_ESTIMATOR, estimates

    console = make_console(error=True)
    found = load_grid(grid)
    options.load_plugins(found.plugins)
    configs = expand(found, Choices(methods=(RATE_METHOD,), **given))  # type: ignore[misc]
    folder = RunFolder(work or out)
    with folder.locked():
        said = [
            dataclasses.asdict(estimate)
            for estimate in estimates(
                configs,
                ArtefactCache(folder.artefacts),
                lambda what: console.print(f"preparing {what}", style="dim", markup=False, highlight=False),
            )
        ]
    frame = rate_frame(said)
    table = rate_markdown(frame, DEFAULT_ESTIMATOR)
    write_whole(out / "noise-rates.csv", csv_bytes(frame, float_format="%.6g"))
    write_whole(out / "noise-rates.md", table.encode())
    say(table)
