"""`archive`: all records of a run in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def archive(
    source: Annotated[Path, typer.Argument(help="A run folder, or another archive.")],
    target: Annotated[Path, typer.Argument(help="The Parquet file to write, as in results/measured/NAME.parquet.")],
) -> None:
    """Pack all records of a run into one Parquet file; `run --archive FILE` takes its trials as finished."""
    from benchmark.analysis.archive import read_archive, write_archive
    from benchmark.api import load_records
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.store import disk_errors

    records = {record.trial: record for record in load_records(source)}
    if not records:
        raise BenchmarkError(f"'{source}' holds no record yet; there is nothing to pack.")
    path = target if target.suffix == ".parquet" else target / "records.parquet"
    older = {record.trial: record for record in read_archive(path)} if path.exists() else {}
    kept = {trial: record for trial, record in older.items() if trial not in records or _better(record, records[trial])}
    merged = records | kept
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_archive(list(merged.values()), path)
    added = len(merged) - len(older)
    typer.echo(f"{path}: {len(merged)} records ({added} new), {path.stat().st_size / 1e6:.2f} MB")


def _better(old: object, new: object) -> bool:
    return getattr(old, "status", "") == "done" and getattr(new, "status", "") == "failed"
