"""Files of a report: written whole or not at all, under names that are safe, and tables
as CSV.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.labels.spreadsheets import defused_cell
from benchmark.files.durable import write_whole
from benchmark.records.metric_specs import DEFAULT_METRIC, MetricSpec

ROWS_AT_A_TIME = 4096

PAGE_FILE, METRIC_FILE = "report.html", "metric.txt"


def write_bytes(path: Path, content: bytes) -> Path:
    """Write under a temporary name, then move.

    A reader sees the old file or the new one, never a part.
    """
    return write_whole(path, content, durable=False)


def refuse_other_metric(folder: Path, metric: MetricSpec) -> None:
    """Raise BenchmarkError where a folder holds a report by another metric."""
    held = None
    if (folder / METRIC_FILE).is_file():
        held = (folder / METRIC_FILE).read_text(encoding="utf-8", errors="replace").strip()
    elif (folder / PAGE_FILE).is_file():
        held = DEFAULT_METRIC
    if held not in (None, metric.name):
        raise BenchmarkError(
            f"'{folder}' holds a report by {held}, which one by {metric.name} would replace. Give another --out, or "
            "move that folder away."
        )


def metric_files(metric: MetricSpec) -> dict[str, bytes]:
    """Give the file that says which metric a report goes by; accuracy needs none."""
    return {} if metric.name == DEFAULT_METRIC else {METRIC_FILE: f"{metric.name}\n".encode()}


def csv_bytes(frame: pd.DataFrame, float_format: str | None = None) -> bytes:
    """Give the table as CSV, in which no name or text is a formula to a spreadsheet.

    What is missing is empty. Numbers are written so that they read back as they are,
    unless a format says how.
    """
    sink = io.BytesIO()
    text = io.TextIOWrapper(sink, encoding="utf-8", errors="surrogatepass", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([defused_cell(str(name)) for name in frame.columns])
    for start in range(0, len(frame), ROWS_AT_A_TIME):
        rows = frame.iloc[start : start + ROWS_AT_A_TIME]
        writer.writerows(zip(*(_texts(column, float_format) for _, column in rows.items()), strict=True))
    text.flush()
    return sink.getvalue()


def _texts(column: pd.Series, float_format: str | None) -> list[str]:
    """Give the cells of a column as texts; of most columns each value is written
    once.
    """
    if column.dtype == np.float64:
        # By their bits, since zero equals negative zero.
        codes, bits = pd.factorize(column.to_numpy().view(np.int64))
        texts = [_text(value, float_format) for value in bits.view(np.float64).tolist()]
    elif column.dtype == object:
        return [_text(value, float_format) for value in column]
    else:
        codes, values = pd.factorize(column, use_na_sentinel=False)
        texts = [_text(value, float_format) for value in values]
    return [texts[code] for code in codes.tolist()]


def _text(value: Any, float_format: str | None) -> str:
    """Give one cell, empty where there is nothing."""
    if isinstance(value, str):
        return defused_cell(value)
    if pd.isna(value):
        return ""
    return float_format % value if float_format and isinstance(value, float) else str(value)


def slug(name: str) -> str:
    """Give a name that is safe in a file and an address.

    >>> slug("TREC-6 (coarse)/<b>")
    'trec-6-coarse-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
