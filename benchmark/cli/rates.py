"""`rates`: every noise-rate estimator on every cell of a grid."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.cli.output import say


def rates(
    grid: options.GridName = "demo",
    corpora: options.Corpora = None,
    noises: options.Noises = None,
    encoder: options.EncoderName = None,
    seeds: options.Seeds = None,
    limit_examples: options.LimitExamples = None,
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("results/runs/noise-rates"),
    work: Annotated[
        Path | None, typer.Option(help="Run folder whose prepared artefacts are used and added to.")
    ] = None,
) -> None:
    """Compare the noise-rate estimators on every cell of a grid, without training any method."""
    from benchmark.analysis.files import csv_bytes
    from benchmark.analysis.rate_table import rate_frame, rate_markdown
    from benchmark.cli.terminal import make_console
    from benchmark.experiment.grid import expand
    from benchmark.files.durable import write_whole
    from benchmark.records.artifacts import ArtifactCache
    from benchmark.records.run_folder import RunFolder
    from benchmark.running.rate_study import DEFAULT_ESTIMATOR, estimates

    console = make_console(error=True)
    found, _ = options.read_grid(grid, None)
    configs = expand(
        found,
        options.choices(
            "cross_entropy", options.split_list(corpora), noises, encoder, seeds, None, limit_examples, None, 1
        ),
    )
    folder = RunFolder(work or out)
    with folder.locked():
        said = [
            dataclasses.asdict(estimate)
            for estimate in estimates(
                configs,
                ArtifactCache(folder.artefacts),
                lambda what: console.print(f"preparing {what}", style="dim", markup=False, highlight=False),
            )
        ]
    frame = rate_frame(said)
    table = rate_markdown(frame, DEFAULT_ESTIMATOR)
    write_whole(out / "noise-rates.csv", csv_bytes(frame, float_format="%.6g"))
    write_whole(out / "noise-rates.md", table.encode())
    say(table)
