"""Reading of archives, which may come from a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.hashes import SHA256_DIGITS, sha256_hex
from benchmark.records.archive.columns import RECORD, SCALARS, SEAL_HEAD, SUM, UNSEALED, row_sum
from benchmark.records.archive.probe import survive
from benchmark.records.archive.rows import Rows
from benchmark.records.body import IN_AN_ARCHIVE
from benchmark.records.machine import collector_paused
from benchmark.records.record_files import IntegrityReport, Reading, checked_record, head_of, reading
from benchmark.records.schema import Record


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


def each_archived(path: Path, integrity: IntegrityReport, heads: bool = False) -> Iterator[Record]:
    """Give the valid records of an archive one after the other.

    Parameters
    ----------
    path
        The file. It may come from a stranger: what it may take of memory is bounded
        by its size.
    integrity
        Gets the rows that are damaged, and what is wrong with the file as a whole once
        the last row was read.
    heads
        Whether records come without their bodies. The sha256 of a row then alone
        vouches for its body.

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
                record = _record_of(row, rows.summed, heads)
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


def _record_of(row: dict[str, Any], summed: bool, head: bool) -> Record:
    """The record of a row, or its head.

    A row that is not what was written is a ValueError that says why.
    """
    text = row[RECORD]
    if text is None:
        raise ValueError("the row holds no record")
    if summed and row[SUM] != row_sum(row):
        raise ValueError("the row does not match its sha256")
    record = head_of(text.encode(), IN_AN_ARCHIVE) if head and summed else checked_record(text)
    if row["trial"] != record.trial:
        raise ValueError(f"the row's trial is not {record.trial}, the record's")
    return record.head() if head else record


def _name(number: int, row: dict[str, Any]) -> str:
    """A row by its number and, where it can be one, its trial's id."""
    trial = str(row["trial"])
    plain = len(trial) <= 16 and trial.isascii() and trial.isalnum()
    return f"row {number}, trial {trial}" if plain else f"row {number}"


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
