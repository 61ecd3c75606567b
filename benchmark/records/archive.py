"""All records in one Parquet file: committed, merged, and enough for all statistics."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable, Iterator
from io import BufferedRandom
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.hashes import SHA256_DIGITS, sha256_hex, sha256_of_stream
from benchmark.files.durable import whole_file
from benchmark.files.spool import Place, Spool
from benchmark.records.archive_probe import survive
from benchmark.records.archive_rows import Rows
from benchmark.records.machine import collector_paused
from benchmark.records.record_files import IntegrityReport, Reading, archive_text, contradiction, parse_record, reading
from benchmark.records.schema import Record

RECORD, SUM = "record", "sha256"
SCALARS = pa.schema(
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
    ]
)
"""Scalars for a quick look."""

COLUMNS = SCALARS.append(pa.field(RECORD, pa.string())).append(pa.field(SUM, pa.string()))
"""Beside the scalars, the complete record as JSON, which alone is read back, and the
row's sha256.
"""

SEAL = b"noisy-label-benchmark.sha256"
SEAL_HEAD = SEAL + b"\x18\x40"
"""The seal's key in the file's footer, as Thrift's compact protocol has it before a
text of 64 bytes.
"""

COMPRESSION_LEVEL = 9
"""A quarter smaller than zstd's default for a second of work in thousands of trials."""

ROWS_A_GROUP = 2000
"""A reader holds the texts of one group of rows at a time."""

UNSEALED = b"0" * SHA256_DIGITS

LENGTH_AND_MAGIC = 8
"""A Parquet file ends with its footer's length in four bytes, then four letters."""


def write_archive(records: Iterable[Record], path: Path) -> None:
    """Write all records into one file, sorted by cell, seed and trial: what trials of
    a cell and seed have in common lies together and is compressed.

    The order given does not matter.

    Exact repetitions are written once; records that differ are all kept, even for one
    trial. Each row carries a sha256, and so does the file as a whole.
    """
    with Packing(path) as packing:
        packing.write([packing.add(record) for record in records])


class WaitingRow(NamedTuple):
    """A row of an archive to be: what it is sorted and chosen by, and where it lies."""

    cell: str
    seed: int
    trial: str
    status: str
    place: Place

    @property
    def key(self) -> tuple[str, int, str]:
        """What rows are sorted by before their content."""
        return self.cell, self.seed, self.trial


class Packing:
    """An archive that is being packed: its rows wait on the disk, beside the file.

    Memory holds only what tells them apart, so that it grows little with the records.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting = Spool(path.parent)

    def __enter__(self) -> Packing:
        return self

    def __exit__(self, *ended: Any) -> None:
        self._waiting.__exit__(*ended)

    def add(self, record: Record) -> WaitingRow:
        """Put the row of a record aside; it is written only where `write` gets it."""
        place = self._waiting.put(json.dumps(list(_row(record).values())).encode())
        return WaitingRow(record.cell, record.seed, record.trial, record.status, place)

    def write(self, rows: Iterable[WaitingRow]) -> None:
        """Write the archive of these rows, as `write_archive` does of records."""
        groups = itertools.groupby(sorted(rows, key=attrgetter("key")), key=attrgetter("key"))
        ordered = [row for _, group in groups for row in self._distinct(list(group))]
        with whole_file(self._path) as file:
            with pq.ParquetWriter(file, COLUMNS, compression="zstd", compression_level=COMPRESSION_LEVEL) as writer:
                for start in range(0, max(1, len(ordered)), ROWS_A_GROUP):
                    part = [self._row(row) for row in ordered[start : start + ROWS_A_GROUP]]
                    writer.write_table(pa.Table.from_pylist(part, schema=COLUMNS), row_group_size=ROWS_A_GROUP)
                writer.add_key_value_metadata({SEAL: UNSEALED})
            _seal(file)

    def _distinct(self, rows: list[WaitingRow]) -> Iterable[WaitingRow]:
        """Give each content once, of rows that agree in what they are sorted by."""
        if len(rows) == 1:
            return rows
        by_text = {self._row(row)[RECORD]: row for row in rows}
        return [by_text[text] for text in sorted(by_text)]

    def _row(self, row: WaitingRow) -> dict[str, Any]:
        return dict(zip(COLUMNS.names, json.loads(self._waiting.get(row.place)), strict=True))


def _seal(file: BufferedRandom) -> None:
    """Write the sha256 of a Parquet file, as it is unsealed, into its footer."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    sealed = sha256_of_stream(file).encode()
    file.seek(end - LENGTH_AND_MAGIC)
    footer = int.from_bytes(file.read(4), "little") + LENGTH_AND_MAGIC
    file.seek(end - footer)
    place = file.read().rindex(SEAL_HEAD + UNSEALED) + len(SEAL_HEAD)
    file.seek(end - footer + place)
    file.write(sealed)


def read_archive(path: Path) -> list[Record]:
    """Give the records of an archive in which nothing is damaged.

    Anything damaged is a BenchmarkError that names the file and the rows; an archive
    of an older version, whose rows carry no sha256, is read.
    """
    reading = archive_contents(path)
    if reading.damaged or reading.trouble:
        raise BenchmarkError(" ".join(reading.remarks))
    return reading.records


def archive_contents(path: Path) -> Reading:
    """Read what is whole in an archive, and say what is not.

    The records of valid rows and the reasons of the others. Parameters and errors are
    those of `each_archived`.
    """
    integrity = IntegrityReport(str(path))
    with collector_paused():
        return reading(each_archived(path, integrity), integrity)


def each_archived(path: Path, integrity: IntegrityReport) -> Iterator[Record]:
    """Give the valid records of an archive one after the other.

    Parameters
    ----------
    path
        The file. It may come from a stranger: what it may take of memory is bounded
        by its size.
    integrity
        Gets the rows that are damaged, and what is wrong with the file as a whole once
        the last row was read.

    Returns
    -------
    Iterator[Record]
        The records. A file that is no archive, or whose Parquet structure is broken,
        is a BenchmarkError.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise BenchmarkError(f"There is no archive at {path}.") from None
    except OSError as error:
        raise BenchmarkError(f"Cannot read {path}: {error.strerror}. Make it readable.") from None
    sealed = _seal_holds(data)
    if not sealed:
        survive(path, SCALARS, RECORD, SUM)
    seen = 0
    try:
        rows = Rows(data, path, SCALARS, RECORD, SUM)
        for number, row in enumerate(rows, 1):
            seen = number
            try:
                record = _record_of(row, rows.summed)
            except ValueError as error:
                integrity.damaged[_name(number, row)] = str(error)
            else:
                integrity.whole += 1
                integrity.unverified += not rows.summed
                yield record
    except MemoryError:
        raise BenchmarkError(f"{path} is refused: reading it takes more memory than there is. Leave it out.") from None
    except (pa.ArrowException, OSError, ValueError, LookupError, ArithmeticError) as error:
        raise BenchmarkError(_broken(path, data, seen, error)) from None
    if not sealed and (rows.summed or SEAL_HEAD in data):
        integrity.trouble = (
            f"{path}: the file is not as it was written: its sha256 does not hold; the {integrity.whole} rows whose "
            "own sums hold are used. Fetch it again, or pack it anew from the run."
        )


def _record_of(row: dict[str, Any], summed: bool) -> Record:
    """The record of a row.

    A row that is not what was written is a ValueError that says why.
    """
    text = row[RECORD]
    if text is None:
        raise ValueError("the row holds no record")
    if summed and row[SUM] != _sum(row):
        raise ValueError("the row does not match its sha256")
    record = parse_record(text)
    if why := contradiction(record):
        raise ValueError(why)
    if row["trial"] != record.trial:
        raise ValueError(f"the row's trial is not {record.trial}, the record's")
    return record


def _name(number: int, row: dict[str, Any]) -> str:
    """A row by its number and, where it can be one, its trial's id."""
    trial = str(row["trial"])
    plain = len(trial) <= 16 and trial.isascii() and trial.isalnum()
    return f"row {number}, trial {trial}" if plain else f"row {number}"


def _sum(row: dict[str, Any]) -> str:
    """The sha256 of a row: its scalars as a JSON list, then the record's bytes."""
    scalars = json.dumps([row.get(name) for name in SCALARS.names], ensure_ascii=False)
    return sha256_hex(f"{scalars}\n{row[RECORD]}")


def _seal_holds(data: bytes) -> bool:
    """Whether the file carries its own sha256 and that holds."""
    place = data.rfind(SEAL_HEAD) + len(SEAL_HEAD)
    stated = data[place : place + SHA256_DIGITS]
    # A copy of the whole file would double what reading a large archive takes.
    view = memoryview(data)
    total = sha256_hex(view[:place], UNSEALED, view[place + SHA256_DIGITS :])
    return place >= len(SEAL_HEAD) and total.encode() == stated


def _broken(path: Path, data: bytes, seen: int, error: BaseException) -> str:
    """The message on a file that Parquet cannot be read from."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    if data[:4] == b"PAR1" or data[-4:] == b"PAR1":
        return (
            f"{path} is not an archive of records, or its Parquet structure is broken (after {seen} rows): {first}. "
            "Fetch it again, or pack it anew from the run."
        )
    return f"{path} is not an archive of records: {first}"


def _row(record: Record) -> dict[str, Any]:
    names = [name for name in SCALARS.names if name in Record.model_fields]
    accuracies = {
        f"{rule}_test_accuracy": record.selections[rule].metrics.get("test_accuracy")
        for rule in ("last", "noisy_valid")
        if rule in record.selections
    }
    row = {name: getattr(record, name) for name in names} | {
        "created": record.provenance.created,
        "wall_s": None if record.costs is None else record.costs.wall_s,
        **accuracies,
        RECORD: archive_text(record),
    }
    row |= {SUM: _sum(row)}
    return {name: row.get(name) for name in COLUMNS.names}
