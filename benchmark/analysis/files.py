"""Files of a report: written whole or not at all, under names that are safe, and tables
as CSV.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.contracts.labels.spreadsheets import defused_cell
from benchmark.files.durable import write_whole


def write_bytes(path: Path, content: bytes) -> Path:
    """Writes under a temporary name, then moves: a reader sees the old file or the new
    one, never a part.
    """
    return write_whole(path, content, durable=False)


def csv_bytes(frame: pd.DataFrame, **options: Any) -> bytes:
    """The table as CSV, in which no name or text is a formula to a spreadsheet."""
    texts = frame.select_dtypes(exclude=["number", "bool"])
    safe = frame.assign(**{str(name): texts[name].map(_defused) for name in texts.columns})
    text: str = safe.rename(columns=_defused).to_csv(index=False, lineterminator="\n", **options)
    return text.encode("utf-8", "surrogatepass")


def _defused(cell: Any) -> Any:
    return defused_cell(cell) if isinstance(cell, str) else cell


def slug(name: str) -> str:
    """A name that is safe in a file and an address.

    >>> slug("TREC-6 (coarse)/<b>")
    'trec-6-coarse-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
