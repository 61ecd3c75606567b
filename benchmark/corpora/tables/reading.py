"""The rows of a file, whatever its format, with errors that say where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.decoding import decoded, read_content
from benchmark.corpora.tables.delimited import delimited_rows
from benchmark.corpora.tables.json_rows import json_line_rows, json_rows
from benchmark.corpora.tables.layout import Layout, Row
from benchmark.corpora.tables.workbooks import workbook_rows


def read_table(path: Path, layout: Layout) -> Iterator[Row]:
    """Every row in order, those that cannot be read with their problem."""
    try:
        if layout.format == "parquet":
            yield from _parquet(path)
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


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow.parquet as pq

    number = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, cells)
