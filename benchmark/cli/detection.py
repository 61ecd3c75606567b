"""The measurement of audits on noise that is known: `python -m
benchmark.cli.detection`.

cleanlab, where it is installed, is measured beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.output import say

if TYPE_CHECKING:
    import pandas as pd

INJECTED_INTO = ("trec", "semeval", "agnews_12k", "apidocs", "20news")
INJECTED = tuple(f"{kind}({rate})" for kind in ("symmetric", "asymmetric", "instance") for rate in (0.1, 0.2, 0.4))
ON_LABELS = ("scores", "counts", "calibration")
"""The parts whose cells are those of wrong labels."""

PARTS = (*ON_LABELS, "votes", "foreign")
IN_ARCHIVE_ORDER = ["corpus", "noise", "seed"]
PALETTE = 6
DIGITS = 4
DIGITS_BY_PART = {"scores": 5}
"""Digits kept of what is measured, which the tables show three of."""

Cell = tuple[str, str]
Rows = list[dict[str, Any]]


def measure(
    out: Annotated[Path, typer.Option(help="Folder for what is measured and its tables.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each cell.")] = 5,
    parts: Annotated[str, typer.Option(help=f"Of {', '.join(PARTS)}, with commas between; all if not given.")] = "",
    corpora: Annotated[str, typer.Option(help="Corpora, with commas between; all of a part if not given.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Write the tables again from what the folder holds.")] = False,
) -> None:
    """Measure audits on every cell and seed that the folder does not hold yet, and
    write the tables.

    Each cell is kept as soon as it is measured, so that the same command goes on where
    it ended.
    """
    wanted, chosen = [name for name in parts.split(",") if name] or PARTS, [name for name in corpora.split(",") if name]
    if unknown := set(wanted) - {*PARTS}:
        raise typer.BadParameter(f"There is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}.")
    for seed in () if again else range(seeds):
        for corpus, noise in _cells(wanted):
            lacking = {name for name in wanted if (corpus, noise) in _cells_of(name)} - _known(out, corpus, noise, seed)
            if lacking and (not chosen or corpus in chosen):
                for name, rows in _measured(corpus, noise, seed, lacking).items():
                    _keep(out, name, rows)
                say(f"{corpus} {noise} seed {seed}", error=True)
    for name in wanted:
        if (out / f"{name}.parquet").exists():
            _write(out, name)


def _cells(parts: Sequence[str]) -> list[Cell]:
    """Give the cells of some parts, each once."""
    return list(dict.fromkeys(cell for name in parts for cell in _cells_of(name)))


@cache
def _cells_of(part: str) -> tuple[Cell, ...]:
    from benchmark.audit.measurement.annotated import TABLES
    from benchmark.audit.measurement.foreign import FOREIGN

    return {"votes": TABLES, "foreign": FOREIGN}.get(part) or tuple(_noisy_cells())


def _noisy_cells() -> Iterator[Cell]:
    from benchmark.audit.measurement.measure import LATER
    from benchmark.experiment.grid import load_grid

    yield from LATER
    for part in load_grid("observed").cells:
        yield from ((corpus, noise) for corpus in part.corpora for noise in part.noises)
    yield from ((corpus, noise) for corpus in INJECTED_INTO for noise in INJECTED)


def _known(out: Path, corpus: str, noise: str, seed: int) -> set[str]:
    """Give the parts of a cell and seed that the folder holds."""
    return {name for name in PARTS if (corpus, noise, seed) in _kept(out, name)}


def _kept(out: Path, name: str) -> set[tuple[str, str, int]]:
    frame = _read(out, name)
    return set() if frame is None else set(frame[IN_ARCHIVE_ORDER].itertuples(index=False, name=None))


@cache
def _features_of(corpus: str, split: str) -> Any:
    from benchmark.audit.embedding import embed
    from benchmark.corpora import load_card, load_corpus

    texts = load_corpus(corpus).splits[split].texts
    return embed(texts, max_tokens=load_card(corpus).default_max_tokens)


def _measured(corpus: str, noise: str, seed: int, parts: set[str]) -> Mapping[str, Rows]:
    """Give the rows of some parts of a cell and seed."""
    from benchmark.audit.measurement.annotated import measure_votes
    from benchmark.audit.measurement.calibration import measure_calibration
    from benchmark.audit.measurement.foreign import measure_foreign
    from benchmark.audit.measurement.measure import EVERY, as_rows, fit_sources, load_cell, measure_cell
    from benchmark.audit.rule import RULE

    found: dict[str, Rows] = {}
    cell = corpus, noise, seed
    if "votes" in parts:
        found["votes"] = [asdict(one) for one in measure_votes(*cell, _features_of)]
    if parts <= {"votes"}:
        return found
    rows = load_cell(*cell, _features_of)
    if "foreign" in parts:
        found["foreign"] = [asdict(one) for one in measure_foreign(*cell, rows)]
    whole = bool(parts & {"scores", "counts"})
    if whole or "calibration" in parts:
        fitted = fit_sources(rows, seed, EVERY if whole else RULE.sources)
        scored = dict(zip(ON_LABELS, as_rows(measure_cell(*cell, rows, fitted)), strict=False)) if whole else {}
        found |= {name: made for name, made in scored.items() if name in parts}
        if "calibration" in parts:
            found["calibration"] = [asdict(one) for one in measure_calibration(*cell, rows, fitted.sources)]
    return found


def _read(out: Path, name: str) -> pd.DataFrame | None:
    import pandas as pd

    path = out / f"{name}.parquet"
    return pd.read_parquet(path) if path.exists() else None


def _keep(out: Path, name: str, rows: Rows) -> None:
    """Put rows into the archive of a part, in the order of cells and seeds."""
    import pandas as pd

    from benchmark.files.durable import write_whole

    before = _read(out, name)
    frame = pd.DataFrame(rows) if before is None else pd.concat([before, pd.DataFrame(rows)], ignore_index=True)
    real = frame.select_dtypes("float").columns
    frame = frame.astype(dict.fromkeys(real, "float32")).round(DIGITS_BY_PART.get(name, DIGITS))
    frame = frame.sort_values(IN_ARCHIVE_ORDER, kind="stable", ignore_index=True)
    write_whole(out / f"{name}.parquet", frame.to_parquet(index=False, compression="zstd", compression_level=19))


def _write(out: Path, name: str) -> None:
    """Write the table of a part, and its figure if it has one."""
    from benchmark.analysis.figures.noise_kinds import in_few_colours
    from benchmark.analysis.figures.reliability import reliability_figure
    from benchmark.audit.measurement.calibration_table import calibration_table
    from benchmark.audit.measurement.further_tables import foreign_table, votes_table
    from benchmark.audit.measurement.table import count_table, detection_table
    from benchmark.files.durable import write_whole

    made = (detection_table, count_table, calibration_table, votes_table, foreign_table)
    tables: dict[str, Callable[[pd.DataFrame], str]] = dict(zip(PARTS, made, strict=True))
    frame = _read(out, name)
    assert frame is not None
    write_whole(out / f"{name}.md", tables[name](frame).encode())
    if name == "calibration":
        write_whole(out / "calibration.png", in_few_colours(reliability_figure(frame).png, PALETTE))


if __name__ == "__main__":
    typer.run(measure)
