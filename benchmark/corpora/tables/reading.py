"""The rows of a file, whatever its format, with errors that say where."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.decoding import decoded, read_content
from benchmark.corpora.tables.delimited import delimited_rows
from benchmark.corpora.tables.json_rows import json_line_rows, json_rows
from benchmark.corpora.tables.layout import Layout, Row
from benchmark.corpora.tables.workbooks import workbook_rows

ARROW_FILE = b"ARROW1"


def read_table(path: Path, layout: Layout) -> Iterator[Row]:
    """Every row in order, those that cannot be read with their problem."""
    try:
        if layout.format in ("parquet", "arrow"):
            yield from _columnar(path, layout)
            return
        content = read_content(path, layout.gzipped)
        if layout.format == "workbook":
            yield from workbook_rows(path, content, layout)
            return
        text = decoded(content, layout.encoding, path)
        if layout.format == "jsonl":
            yield from json_line_rows(text)
        elif layout.format == "json":
            yield from json_rows(path, text)
        else:
            yield from delimited_rows(path, text, layout)
    except (ValueError, LookupError, OSError) as error:
        raise BenchmarkError(f"Cannot read {path} as {layout.format} in {layout.encoding}: {error}.") from None


def _columnar(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of files that hold columns, a batch of them at a time."""
    source = io.BytesIO(read_content(path, True)) if layout.gzipped else path.open("rb")
    number = 0
    with source:
        for batch in _parquet(source) if layout.format == "parquet" else _arrow(source):
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, cells)


def _parquet(source: IO[bytes]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        yield from file.iter_batches()


def _arrow(source: IO[bytes]) -> Iterator[Any]:
    """The batches of a stream, as Hugging Face's datasets keep them, or of a file, as
    Feather.
    """
    import pyarrow as pa

    first = source.read(len(ARROW_FILE))
    source.seek(0)
    if first == ARROW_FILE:
        with pa.ipc.open_file(source) as file:
            yield from (file.get_batch(number) for number in range(file.num_record_batches))
        return
    with pa.ipc.open_stream(source) as stream:
        yield from stream
