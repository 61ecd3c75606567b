"""`archive`: all records of a run in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.output import say
from benchmark.cli.sources import quarantine_archive, records_of

if TYPE_CHECKING:
    from benchmark.records.schema import Record


def archive(
    source: Annotated[Path, typer.Argument(help="A run folder, or another archive.")],
    target: Annotated[Path, typer.Argument(help="The Parquet file to write, as in results/measured/NAME.parquet.")],
) -> None:
    """Pack all records of a run into one Parquet file; `run --archive FILE` takes its
    trials as finished.
    """
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.records.archive import write_archive

    records = {record.trial: record for record in records_of(source)}
    if not records:
        raise BenchmarkError(f"'{source}' holds no record yet; there is nothing to pack.")
    path = target if target.suffix == ".parquet" else target / "records.parquet"
    older = _older(path, source, records)
    kept = {trial: record for trial, record in older.items() if trial not in records or _better(record, records[trial])}
    merged = records | kept
    quarantine_archive(path)
    write_archive(list(merged.values()), path)
    added = len(merged) - len(older)
    say(f"{path}: {len(merged)} records ({added} new), {path.stat().st_size / 1e6:.2f} MB")


def _older(path: Path, source: Path, records: dict[str, Record]) -> dict[str, Record]:
    """The records that the target holds already."""
    if not path.exists():
        return {}
    return records if path.samefile(source) else {record.trial: record for record in records_of(path)}


def _better(old: object, new: object) -> bool:
    return getattr(old, "status", "") == "done" and getattr(new, "status", "") == "failed"
