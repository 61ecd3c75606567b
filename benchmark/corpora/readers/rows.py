"""The rows of CSV, TSV, JSON-lines and Parquet files, with errors that say where."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from benchmark.contracts import BenchmarkError

Format = Literal["csv", "tsv", "jsonl", "parquet"]

DELIMITERS = {"csv": ",", "tsv": "\t"}
MOST_PLACES_SHOWN = 10
LONGEST_CELL = 2**31 - 1


def read_rows(path: Path, form: Format, encoding: str, header: bool = True) -> Iterator[Any]:
    """Every row in order: a dict by column name, or a list of cells where a CSV or TSV
    file has no header.
    """
    try:
        if form == "parquet":
            yield from _parquet(path)
        elif form == "jsonl":
            yield from _json_lines(path, _text(path, encoding))
        else:
            yield from _cells(path, _text(path, encoding), DELIMITERS[form], header)
    except (csv.Error, ValueError, LookupError, OSError) as error:
        raise BenchmarkError(f"Cannot read {path} as {form} in {encoding}: {error}.") from None


def places(numbers: Sequence[int]) -> str:
    """Row or line numbers, the first ten and how many there are.

    >>> places([3]), places(range(1, 13))
    ('3', '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … (12 in all)')
    """
    shown = ", ".join(map(str, numbers[:MOST_PLACES_SHOWN]))
    return shown if len(numbers) <= MOST_PLACES_SHOWN else f"{shown}, … ({len(numbers)} in all)"


def _text(path: Path, encoding: str) -> str:
    content = path.read_bytes()
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        lines = [number for number, line in enumerate(content.split(b"\n"), 1) if not _decodes(line, encoding)]
        where = f"line {places(lines)}" if len(lines) == 1 else f"lines {places(lines)}"
        raise BenchmarkError(
            f"Cannot read {path} in {encoding}: {where if lines else error.reason}. These bytes are in another "
            f"encoding than the rest, often cp1252 or latin-1; save the whole file as {encoding}."
        ) from None


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _cells(path: Path, text: str, delimiter: str, header: bool) -> Iterator[Any]:
    # Python refuses cells above 131,072 characters unless told, and texts may be longer.
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = next(rows, []) if header else None
    if names is not None and len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BenchmarkError(f"{path} has two columns of one name: {', '.join(twice)}. Rename one of them.")
    number = 0
    for row in rows:
        if not row:
            continue
        number += 1
        if names is None:
            yield row
        elif len(row) == len(names):
            yield dict(zip(names, row, strict=True))
        else:
            raise BenchmarkError(
                f"{path}, row {number} (ends in line {rows.line_num}) has {len(row)} cells, its header {len(names)}: "
                "a text with a separator or a line break in it must stand in quotes."
            )


def _json_lines(path: Path, text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BenchmarkError(f"{path}, line {number} is not JSON: {error}.") from None
        if not isinstance(row, dict):
            raise BenchmarkError(f'{path}, line {number} must be an object such as {{"text": …}}; it is {line[:40]}.')
        yield row


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()
