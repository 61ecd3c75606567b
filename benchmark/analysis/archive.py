"""All records in one Parquet file: committed, merged, and enough for all statistics."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from benchmark.analysis.files import write_bytes
from benchmark.contracts.errors import BenchmarkError
from benchmark.machine import collector_paused
from benchmark.records import Record

RECORD = "record"
COLUMNS = pa.schema(
    [
        ("trial", pa.string()),
        ("cell", pa.string()),
        ("protocol", pa.int64()),
        ("status", pa.string()),
        ("method", pa.string()),
        ("method_version", pa.int64()),
        ("corpus", pa.string()),
        ("noise", pa.string()),
        ("encoder", pa.string()),
        ("recipe", pa.string()),
        ("seed", pa.int64()),
        ("created", pa.string()),
        ("wall_s", pa.float64()),
        ("last_test_accuracy", pa.float64()),
        ("noisy_valid_test_accuracy", pa.float64()),
        (RECORD, pa.string()),
    ]
)
"""Scalars for a quick look, and the complete record as JSON, which alone is read back."""


def write_archive(records: Iterable[Record], path: Path) -> None:
    """All records in one file, sorted by trial; the same records give the same bytes, in whatever order.

    Exact repetitions are written once; records that differ are all kept, even for one trial.
    """
    rows = {row[RECORD]: row for row in map(_row, records)}
    ordered = sorted(rows.values(), key=lambda row: (row["trial"], row[RECORD]))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(ordered, schema=COLUMNS), sink, compression="zstd")
    write_bytes(path, sink.getvalue().to_pybytes())


def read_archive(path: Path) -> list[Record]:
    """The records of an archive, each checked against the schema; an error names the file and the trial."""
    try:
        table = pq.read_table(path, columns=["trial", RECORD])
    except FileNotFoundError:
        raise BenchmarkError(f"There is no archive at {path}.") from None
    except (pa.ArrowInvalid, pa.ArrowException, OSError, KeyError) as error:
        raise BenchmarkError(f"{path} is not an archive of records: {_first_line(error)}") from None
    if set(table.column_names) != {"trial", RECORD}:
        raise BenchmarkError(f"{path} is not an archive of records: the columns 'trial' and '{RECORD}' are needed.")
    rows = zip(table["trial"].to_pylist(), table[RECORD].to_pylist(), strict=True)
    with collector_paused():
        return [_parsed(path, trial, text or "") for trial, text in rows]


def _parsed(path: Path, trial: str, text: str) -> Record:
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "record"
        message = f"{path}: trial {trial} does not fit the schema of records at {where}: {first['msg']}."
        raise BenchmarkError(message) from None


def _row(record: Record) -> dict[str, Any]:
    names = [name for name in COLUMNS.names if name in Record.model_fields]
    accuracies = {
        f"{rule}_test_accuracy": record.selections[rule].metrics.get("test_accuracy")
        for rule in ("last", "noisy_valid")
        if rule in record.selections
    }
    return {name: getattr(record, name) for name in names} | {
        "created": record.provenance.created,
        "wall_s": None if record.costs is None else record.costs.wall_s,
        **accuracies,
        RECORD: json.dumps(record.model_dump(), sort_keys=True, ensure_ascii=False, separators=(",", ":")),
    }


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
