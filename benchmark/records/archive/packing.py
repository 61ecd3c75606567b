"""Writing of archives."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable
from io import BufferedRandom
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.contracts.hashes import sha256_of_stream
from benchmark.files.durable import whole_file
from benchmark.files.spool import Place, Spool
from benchmark.records.archive.columns import COLUMNS, RECORD, SCALARS, SEAL, SEAL_HEAD, SUM, UNSEALED, row_sum
from benchmark.records.record_files import archive_text
from benchmark.records.schema import Record

COMPRESSION_LEVEL = 9
"""A quarter smaller than zstd's default for a second of work in thousands of trials."""

ROWS_A_GROUP = 2000
"""A reader holds the texts of one group of rows at a time."""

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


def _row(record: Record) -> dict[str, Any]:
    """The row of a record, by column."""
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
    row |= {SUM: row_sum(row)}
    return {name: row.get(name) for name in COLUMNS.names}
