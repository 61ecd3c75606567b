"""The rows of the files that cards name; a row that cannot be read is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.layout import Format, Layout
from benchmark.corpora.tables.reading import read_table


def read_rows(path: Path, form: Format, encoding: str, header: bool = True) -> Iterator[Any]:
    """Every row in order: a dict by column name, or a list of cells where a CSV or TSV
    file has no header.
    """
    for row in read_table(path, Layout(format=form, encoding=encoding, header=header)):
        if row.problem:
            raise BenchmarkError(f"{path}, row {row.number} {row.problem}.")
        yield row.cells
