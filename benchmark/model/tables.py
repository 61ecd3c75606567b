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
from benchmark.corpora.tables.columns import NAMELESS, find_columns, header_of
from benchmark.corpora.tables.decoding import places
from benchmark.corpora.tables.gathering import Gathered, gather
from benchmark.corpora.tables.schema import SplitTable, TableFile
from benchmark.corpora.tables.sniffing import sniff
from benchmark.files.durable import write_whole

OTHERS = "--text-column names the columns that hold the texts."


def read_texts(
    path: Path,
    columns: Sequence[str],
    separator: str | None,
    encoding: str | None,
    header: bool | None = None,
    skip_bad_rows: bool = False,
) -> tuple[Gathered, tuple[str, ...]]:
    """Read the texts of a table as a training reads them.

    Parameters
    ----------
    path : the table.
    columns : those of the texts, by name or, from 0, by number.
    separator, encoding : how it is written, found where they are not given.
    header : whether its first row is a header; found where it is None.
    skip_bad_rows : whether rows that cannot be used are left out; else they are refused
        with their numbers.

    Returns
    -------
    The rows, and sentences on what was decided about the header, where columns have
    numbers, and on rows that are left out.
    """
    if not columns:
        raise BenchmarkError("The model does not say which columns it learned from. Name them by --text-column.")
    layout = sniff(path, columns, separator, encoding).layout
    if header is False and layout.format not in NAMELESS:
        layout = layout.model_copy(update={"header": False, "by_number": False})
    found = find_columns(path, layout, columns, ())
    for name in columns:
        if name not in found.columns:
            hint = " Its first row is taken for data, as that of the training was." if not layout.header else ""
            raise UnknownNameError("column", name, found.known, f"Looked for in {path}.{hint} {OTHERS}")
    layout, remark = found.layout, found.remark
    if header and not layout.header:
        names = ", ".join(header_of(path, layout))
        layout = layout.model_copy(update={"header": True, "by_number": True})
        remark = f"{path.name}: columns are numbered from 0, and its first row ({names}) is taken for names."
    elif not layout.header:
        remark = f"{path.name}: columns are numbered from 0, and its first row is taken for data."
    table = SplitTable(
        files=(TableFile(file="texts", layout=layout),), text=tuple(found.columns[name] for name in columns)
    )
    rows = gather({"texts": path}, table)
    remarks: tuple[str, ...] = (remark,) if remark else ()
    if rows.problems:
        named = "; ".join(f"row {places(numbers)}: {problem}" for problem, numbers in rows.problems.items())
        if not skip_bad_rows:
            raise BenchmarkError(
                f"{path} has rows that cannot be used: {named}. Mend them or take them out; --skip-bad-rows goes on "
                "without them."
            )
        remarks += (f"{path.name} has rows that cannot be used and are left out: {named}.",)
    return rows, remarks


def keep_apart(table: Path, out: Path) -> None:
    """Refuse to write predictions over the table that they are made from."""
    if out.exists() and table.exists() and out.samefile(table):
        raise BenchmarkError(f"--out names the table itself, '{table}', which would be lost. Name another file.")


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
