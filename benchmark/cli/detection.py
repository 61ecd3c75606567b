"""The measurement of detection on observed and injected noise: `python -m
benchmark.cli.detection`.

cleanlab, where it is installed, is measured beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.output import say

if TYPE_CHECKING:
    import pandas as pd

INJECTED_INTO = ("trec", "semeval", "apidocs")
INJECTED = tuple(f"{kind}({rate})" for kind in ("symmetric", "asymmetric", "instance") for rate in (0.1, 0.2, 0.4))
PARTS = ("scores", "counts", "calibration")
PALETTE = 6
DIGITS = 4
"""Digits kept of what is measured of calibration."""

Rows = list[dict[str, Any]]


def measure(
    out: Annotated[Path, typer.Option(help="Folder for the scores, the counts and their tables.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each cell.")] = 5,
    calibration: Annotated[bool, typer.Option("--calibration", help="Measure calibration alone.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Write the tables again from what the folder holds.")] = False,
) -> None:
    """Measure every rule, detector and score of cleanlab on every cell and seed."""
    import pandas as pd

    if again:
        for name in PARTS:
            _write(out, name, pd.read_parquet(out / f"{name}.parquet"))
        return
    found: dict[str, Rows] = {name: [] for name in PARTS[2 * calibration :]}
    for seed in range(seeds):
        for corpus, noise in _cells():
            for name, rows in _measured(corpus, noise, seed, calibration):
                found[name] += rows
            say(f"{corpus} {noise} seed {seed}", error=True)
        for name, rows in found.items():
            _keep(out, name, pd.DataFrame(rows))


def _cells() -> Iterator[tuple[str, str]]:
    from benchmark.experiment.grid import load_grid

    for part in load_grid("observed").cells:
        yield from ((corpus, noise) for corpus in part.corpora for noise in part.noises)
    yield from ((corpus, noise) for corpus in INJECTED_INTO for noise in INJECTED)


@cache
def _features_of(corpus: str, split: str) -> Any:
    from benchmark.audit.embedding import embed
    from benchmark.corpora import load_card, load_corpus

    texts = load_corpus(corpus).splits[split].texts
    return embed(texts, max_tokens=load_card(corpus).default_max_tokens)


def _measured(corpus: str, noise: str, seed: int, calibration: bool) -> Iterator[tuple[str, Rows]]:
    from benchmark.audit.measurement.calibration import measure_calibration
    from benchmark.audit.measurement.measure import as_rows, load_cell, measure_cell

    rows = load_cell(corpus, noise, seed, _features_of)
    if not calibration:
        yield from zip(PARTS, as_rows(measure_cell(corpus, noise, seed, rows)), strict=False)
    yield "calibration", [asdict(one) for one in measure_calibration(corpus, noise, seed, rows)]


def _keep(out: Path, name: str, frame: pd.DataFrame) -> None:
    from benchmark.files.durable import write_whole

    if name == "calibration":
        real = frame.select_dtypes("float").columns
        frame = frame.astype(dict.fromkeys(real, "float32")).round(DIGITS)
    write_whole(out / f"{name}.parquet", frame.to_parquet(index=False, compression="zstd"))
    _write(out, name, frame)


def _write(out: Path, name: str, frame: pd.DataFrame) -> None:
    from benchmark.analysis.figures.noise_kinds import in_few_colours
    from benchmark.analysis.figures.reliability import reliability_figure
    from benchmark.audit.measurement.calibration_table import calibration_table
    from benchmark.audit.measurement.table import count_table, detection_table
    from benchmark.files.durable import write_whole

    tables: dict[str, Callable[[pd.DataFrame], str]] = dict(
        zip(PARTS, (detection_table, count_table, calibration_table), strict=True)
    )
    write_whole(out / f"{name}.md", tables[name](frame).encode())
    if name == "calibration":
        write_whole(out / "calibration.png", in_few_colours(reliability_figure(frame).png, PALETTE))


if __name__ == "__main__":
    typer.run(measure)
