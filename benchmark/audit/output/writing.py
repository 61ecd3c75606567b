"""The files of an audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmark.audit.audit import Audit
from benchmark.audit.output.page import page
from benchmark.audit.output.spreadsheet import Value, workbook
from benchmark.contracts.labels.spreadsheets import defused_cell
from benchmark.files.durable import write_whole

SUSPECTS, SUSPECTS_XLSX, LABELS, PAGE, TO_CHECK = (
    "suspects.csv",
    "suspects.xlsx",
    "labels.csv",
    "audit.html",
    "to_check.csv",
)
LABEL_COLUMNS = ("row", "text", "given_label", "proposed_label", "p_wrong", "corrected_label")
CHECK_COLUMNS = ("row", "text", "given_label", "right_label")
NEAR_COLUMNS = tuple(f"near_{place}_{what}" for place in (1, 2, 3) for what in ("row", "label", "text"))
SUSPECT_COLUMNS = ("rank", "row", "text", "given_label", "proposed_label", "p_wrong", "votes", *NEAR_COLUMNS)
WIDTHS = (6, 8, 60, 18, 18, 9, 24, *(12, 18, 40) * 3)


def write_audit(audit: Audit, folder: Path) -> list[Path]:
    """Write all files of an audit; each is there whole or not at all.

    Returns
    -------
    The paths: the suspects as CSV and as a workbook, all labels, the rows to check, and
    the page.
    """
    suspects = list(suspect_rows(audit))
    contents = {
        # Spreadsheet programs take a CSV for UTF-8 only by its first three bytes.
        SUSPECTS: b"\xef\xbb\xbf" + _csv(SUSPECT_COLUMNS, suspects),
        SUSPECTS_XLSX: workbook(SUSPECT_COLUMNS, suspects, WIDTHS),
        LABELS: _csv(LABEL_COLUMNS, _label_rows(audit)),
        TO_CHECK: _csv(CHECK_COLUMNS, _check_rows(audit)),
        PAGE: page(audit).encode("utf-8", "replace"),
    }
    return [write_whole(folder / name, content) for name, content in contents.items()]


def suspect_rows(audit: Audit) -> Iterator[tuple[Value, ...]]:
    """The rows of `suspects.csv`, most suspicious first."""
    table = audit.table
    for rank, (place, near) in enumerate(zip(audit.order.tolist(), audit.near.tolist(), strict=False), start=1):
        neighbours: list[Value] = []
        for other in near:
            neighbours += (
                ["", "", ""] if other < 0 else [int(table.rows[other]), table.given(other), table.texts[other]]
            )
        yield (rank, *_judged(audit, place), table.votes_of(place), *neighbours)


def _judged(audit: Audit, place: int) -> tuple[Value, ...]:
    table, p_wrong = audit.table, float(audit.p_wrong[place])
    shown = "" if np.isnan(p_wrong) else round(p_wrong, 4)
    proposed = table.label_names[int(audit.proposed[place])]
    return int(table.rows[place]), table.texts[place], table.given(place), proposed, shown


def _label_rows(audit: Audit) -> Iterator[tuple[Value, ...]]:
    for place, label in enumerate(audit.corrected().tolist()):
        yield (*_judged(audit, place), audit.table.label_names[label])


def _check_rows(audit: Audit) -> Iterator[tuple[Value, ...]]:
    table = audit.table
    for place in audit.to_check.tolist():
        yield int(table.rows[place]), table.texts[place], table.given(place), ""


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([defused_cell(value) if isinstance(value, str) else value for value in row])
    return sink.getvalue().encode("utf-8", "replace")
