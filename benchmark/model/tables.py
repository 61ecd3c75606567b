"""Tables of one's own: read for their texts, written with what a model says."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.labels.spreadsheets import defused_cell
from benchmark.corpora.tables.columns import find_columns
from benchmark.corpora.tables.decoding import places
from benchmark.corpora.tables.gathering import Gathered, gather
from benchmark.corpora.tables.schema import SplitTable, TableFile
from benchmark.corpora.tables.sniffing import sniff
from benchmark.files.durable import write_whole


def read_texts(path: Path, columns: Sequence[str], separator: str | None, encoding: str | None) -> Gathered:
    """Read the texts of a table as a training reads them.

    Rows that cannot be used are refused with their numbers.
    """
    if not columns:
        raise BenchmarkError("The model does not say which columns it learned from. Name them by --text-column.")
    found = find_columns(path, sniff(path, columns, separator, encoding).layout, columns, ())
    for name in columns:
        if name not in found.columns:
            raise UnknownNameError("column", name, found.known, f"Looked for in {path}.")
    table = SplitTable(
        files=(TableFile(file="texts", layout=found.layout),), text=tuple(found.columns[name] for name in columns)
    )
    rows = gather({"texts": path}, table)
    if rows.problems:
        named = "; ".join(f"row {places(numbers)}: {problem}" for problem, numbers in rows.problems.items())
        raise BenchmarkError(f"{path} has rows that cannot be used: {named}. Mend them or take them out.")
    return rows


def write_predictions(
    path: Path, rows: Gathered, label_names: Sequence[str], probabilities: npt.NDArray[np.float32]
) -> Path:
    """Write a CSV table: row, text, predicted label, and the probability of each
    class.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    names = [defused_cell(name) for name in label_names]
    writer.writerow(["row", "text", "predicted_label", *(f"p({name})" for name in label_names)])
    for number, text, given in zip(rows.numbers, rows.texts, probabilities, strict=True):
        writer.writerow([number, defused_cell(text), names[int(given.argmax())], *map(str, given)])
    # Spreadsheet programs take a CSV for UTF-8 only by its first three bytes.
    return write_whole(path, b"\xef\xbb\xbf" + sink.getvalue().encode("utf-8", "replace"))
