"""The rows of a file, whatever its format, with errors that say where."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.decoding import decoded, read_content
from benchmark.corpora.tables.delimited import delimited_rows
from benchmark.corpora.tables.json_rows import json_line_rows, json_rows
from benchmark.corpora.tables.layout import Format, Layout, Row
from benchmark.corpora.tables.workbooks import workbook_rows

ARROW_FILE = b"ARROW1"
COLUMNAR = ("parquet", "arrow")


def read_table(path: Path, layout: Layout) -> Iterator[Row]:
    """Every row in order, those that cannot be read with their problem."""
    try:
        if layout.format in COLUMNAR:
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


def numbered_classes(path: Path, layout: Layout) -> dict[str, list[str]]:
    """Give by column the names of the classes whose numbers it holds, as Hugging Face's
    datasets write them beside the columns.
    """
    if layout.format not in COLUMNAR:
        return {}
    try:
        with _source(path, layout) as source:
            metadata = _schema(source, layout.format).metadata or {}
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        classes = {column: feature["names"] for column, feature in features.items() if "names" in feature}
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        return {}
    return {column: list(map(str, names)) for column, names in classes.items() if isinstance(names, list)}


def _columnar(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of files that hold columns, a batch of them at a time."""
    number = 0
    with _source(path, layout) as source:
        for batch in _parquet(source) if layout.format == "parquet" else _arrow(source):
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, cells)


def _source(path: Path, layout: Layout) -> IO[bytes]:
    return io.BytesIO(read_content(path, True)) if layout.gzipped else path.open("rb")


def _schema(source: IO[bytes], form: Format) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if form == "parquet":
        return pq.read_schema(source)
    opened = pa.ipc.open_file if _is_arrow_file(source) else pa.ipc.open_stream
    return opened(source).schema


def _is_arrow_file(source: IO[bytes]) -> bool:
    """Whether a file can be read at any place, as Feather can, or is a stream."""
    first = source.read(len(ARROW_FILE))
    source.seek(0)
    return first == ARROW_FILE


def _parquet(source: IO[bytes]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        yield from file.iter_batches()


def _arrow(source: IO[bytes]) -> Iterator[Any]:
    """The batches of a stream, as Hugging Face's datasets keep them, or of a file, as
    Feather.
    """
    import pyarrow as pa

    if _is_arrow_file(source):
        with pa.ipc.open_file(source) as file:
            yield from (file.get_batch(number) for number in range(file.num_record_batches))
        return
    with pa.ipc.open_stream(source) as stream:
        yield from stream
