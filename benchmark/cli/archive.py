"""`archive`: all records of a run in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.output import say
from benchmark.cli.sources import each_record_of, quarantine_archive

if TYPE_CHECKING:
    from benchmark.records.archive.packing import Packing, WaitingRow


def archive(
    source: Annotated[Path, typer.Argument(help="A run folder, or another archive.")],
    target: Annotated[Path, typer.Argument(help="The Parquet file to write, as in results/measured/NAME.parquet.")],
) -> None:
    """Pack all records of a run into one Parquet file; `run --archive FILE` takes its
    trials as finished.
    """
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.records.archive.packing import Packing

    path = target if target.suffix == ".parquet" else target / "records.parquet"
    with Packing(path) as packing:
        rows = {record.trial: packing.add(record) for record in each_record_of(source)}
        if not rows:
            raise BenchmarkError(f"'{source}' holds no record yet; there is nothing to pack.")
        older = _older(path, source, rows, packing)
        kept = {trial: row for trial, row in older.items() if trial not in rows or _better(row, rows[trial])}
        merged = rows | kept
        quarantine_archive(path)
        packing.write(merged.values())
    added = len(merged) - len(older)
    say(f"{path}: {len(merged)} records ({added} new), {path.stat().st_size / 1e6:.2f} MB")


def _older(path: Path, source: Path, rows: dict[str, WaitingRow], packing: Packing) -> dict[str, WaitingRow]:
    """Give the rows of the records that the target holds already."""
    if not path.exists():
        return {}
    if path.samefile(source):
        return rows
    return {record.trial: packing.add(record) for record in each_record_of(path)}


def _better(old: WaitingRow, new: WaitingRow) -> bool:
    return old.status == "done" and new.status == "failed"
