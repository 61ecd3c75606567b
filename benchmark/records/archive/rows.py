"""Rows of a Parquet file that may come from a stranger, read with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.contracts.errors import BenchmarkError

MIB = 2**20
MOST_ROWS = 1_000_000
MOST_BYTES_A_ROW = 8 * MIB
LEAST_TOTAL = 16 * MIB
MOST_GROWTH = 100
"""Decoded, a file may be so many times as large.

Archives of real runs grow about tenfold.
"""

ROWS_AT_A_TIME = 256

STRINGS = (pa.string(), pa.large_string())


class Rows:
    """The rows of an archive as dictionaries, a few at a time.

    `summed` says whether rows carry a sha256; without it, only trials and records are
    read. Texts are read as indices into a dictionary and looked up row by row, since
    Parquet can name one long text in a million rows. A file that would take more
    memory than its size can account for is a BenchmarkError, as is one without the
    columns of an archive.
    """

    def __init__(
        self, data: bytes, path: Path, scalars: pa.Schema, record: str, total: str, typed: bool = True
    ) -> None:
        self._path = path
        self._most = max(LEAST_TOTAL, MOST_GROWTH * len(data))
        self._taken = 0
        source = pa.BufferReader(data)
        metadata = pq.read_metadata(source)
        self._check_size(metadata)
        types = {field.name: field.type for field in metadata.schema.to_arrow_schema()}
        self.summed = total in types
        texts = {"trial": pa.string(), record: pa.string()}
        wanted = {field.name: field.type for field in scalars} | texts | {total: pa.string()} if self.summed else texts
        if typed:
            self._check_columns(wanted, types)
        texts_read = [name for name in wanted if types.get(name) in STRINGS]
        source.seek(0)
        self._file = pq.ParquetFile(source, read_dictionary=texts_read)
        self._names = list(wanted)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give each row; its texts count against what the file may take."""
        batches = self._file.iter_batches(ROWS_AT_A_TIME, columns=self._names, use_threads=False)
        for batch in batches:
            columns = {name: batch.column(name) for name in self._names}
            for place in range(batch.num_rows):
                yield {name: self._value(column, place) for name, column in columns.items()}

    def _value(self, column: Any, place: int) -> Any:
        if not pa.types.is_dictionary(column.type):
            return column[place].as_py()
        if not column.indices[place].is_valid:
            return None
        text = column.dictionary[column.indices[place].as_py()]
        size = text.as_buffer().size if text.is_valid else 0
        self._taken += size
        if size > MOST_BYTES_A_ROW:
            raise self._too_large(f"a text of {size / MIB:.0f} MiB")
        if self._taken > self._most:
            raise self._too_large(f"more than {self._most / MIB:.0f} MiB of text")
        try:
            return text.as_py()
        except UnicodeDecodeError:
            return None

    def _check_size(self, metadata: Any) -> None:
        if metadata.num_rows > MOST_ROWS:
            raise self._too_large(f"{metadata.num_rows} rows, and {MOST_ROWS} are the most")
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
        size = sum(chunk.total_uncompressed_size for chunk in chunks)
        if size > self._most:
            raise self._too_large(f"{size / MIB:.0f} MiB once it is unpacked")

    def _check_columns(self, wanted: dict[str, Any], types: dict[str, Any]) -> None:
        for name, kind in wanted.items():
            found = types.get(name)
            if found is not None and pa.types.is_dictionary(found):
                found = found.value_type
            if found != kind and not (kind in STRINGS and found in STRINGS):
                given = "is missing" if found is None else f"holds {found}"
                raise BenchmarkError(
                    f"{self._path} is not an archive of records: the column '{name}' ({kind}) {given}. Name a file "
                    "that `archive` wrote."
                )

    def _too_large(self, what: str) -> BenchmarkError:
        return BenchmarkError(
            f"{self._path} is refused: it holds {what}, which no archive of its size does. A file like this takes all "
            "of a machine's memory; leave it out, or fetch it again from a source that you trust."
        )
