"""The files of an audit."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmark.audit.audit import Audit
from benchmark.audit.checked import RIGHT
from benchmark.audit.output.annotators import annotator_rows
from benchmark.audit.output.page import page
from benchmark.audit.output.spreadsheet import Value, workbook
from benchmark.contracts import BenchmarkError
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.labels.spreadsheets import defused_cell
from benchmark.files.disk import disk_errors
from benchmark.files.durable import write_whole

SUSPECTS, SUSPECTS_XLSX, LABELS = "suspects.csv", "suspects.xlsx", "labels.csv"
PAGE, TO_CHECK, ANNOTATORS = "audit.html", "to_check.csv", "annotators.csv"
CONTENTS = {
    SUSPECTS: "suspicious rows, worst first",
    SUSPECTS_XLSX: "the same for a spreadsheet",
    LABELS: "every row, with corrected_label",
    TO_CHECK: "rows to review, for --checked",
    ANNOTATORS: "the quality of each annotator",
    PAGE: "what was found: read this first",
}
"""What is in each file, in a few words."""

LABEL_COLUMNS = ("row", "text", "given_label", "proposed_label", "p_wrong", "corrected_label")
CHECK_COLUMNS = ("row", "text", "given_label", RIGHT)
NEAR_COLUMNS = tuple(f"near_{place}_{what}" for place in (1, 2, 3) for what in ("row", "label", "text"))
SUSPECT_COLUMNS = ("rank", "row", "text", "given_label", "proposed_label", "p_wrong", "votes", *NEAR_COLUMNS)
CONSENSUS_COLUMNS = ("consensus_label", "consensus_quality")
ANNOTATOR_COLUMNS = ("annotator", "votes", "quality", "as_consensus", "least_agreed_label")
OUTSIDE, CONTRADICTION = "outside", "contradiction"
FILE = "file"
"""Stands before the number of a row where the table is several files."""

SPLIT = "split"
"""Stands behind the number of a row where some rows are a test set."""

WIDTHS = {"rank": 6, FILE: 20, "row": 8, SPLIT: 7, "text": 60, "p_wrong": 9, "votes": 24, CONTRADICTION: 13}
WIDTHS_BY_END = {"row": 12, "label": 18, "text": 40}

Row = dict[str, Value]


def prepare_folder(folder: Path) -> None:
    """Make the folder of an audit before anything is computed.

    One that cannot be written, and one with files of an earlier audit, in which a
    person may have worked, is an error.
    """
    names = (SUSPECTS, SUSPECTS_XLSX, LABELS, TO_CHECK, PAGE, ANNOTATORS)
    if there := [name for name in names if (folder / name).exists()]:
        raise BenchmarkError(
            f"'{folder}' holds files of an earlier audit ({', '.join(there)}), which may hold what you reviewed. Name "
            "another folder by --out, or move them away."
        )
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


def write_audit(audit: Audit, folder: Path) -> list[Path]:
    """Write all files of an audit, or none of them.

    Returns
    -------
    The paths: the suspects as CSV and as a workbook, all labels, the rows to check, the
    annotators where there are several, and the page.
    """
    consensus = CONSENSUS_COLUMNS if audit.consensus is not None else ()
    outside = (OUTSIDE,) if audit.outside is not None else ()
    soft = (CONTRADICTION,) if audit.contradicted is not None else ()
    right = (RIGHT,) if audit.checked else ()
    suspects = _table((*SUSPECT_COLUMNS[:7], *soft, *NEAR_COLUMNS), suspect_rows(audit), audit)
    widths = [WIDTHS.get(name) or WIDTHS_BY_END[name.rpartition("_")[2]] for name in suspects[0]]
    contents = {
        # Spreadsheet programs take a CSV for UTF-8 only by its first three bytes.
        SUSPECTS: b"\xef\xbb\xbf" + _csv(*suspects),
        SUSPECTS_XLSX: workbook(*suspects, widths),
        LABELS: _csv(*_table((*LABEL_COLUMNS, *right, *soft, *outside, *consensus), label_rows(audit), audit)),
        TO_CHECK: _csv(*_table(CHECK_COLUMNS, _check_rows(audit), audit)),
        PAGE: page(audit).encode("utf-8", "replace"),
    }
    if audit.consensus is not None:
        contents[ANNOTATORS] = _csv(ANNOTATOR_COLUMNS, [one.cells for one in annotator_rows(audit)])
    written: list[Path] = []
    try:
        for name, content in contents.items():
            written.append(write_whole(folder / name, content))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def _table(columns: Sequence[str], rows: Iterator[Row], audit: Audit) -> tuple[list[str], list[list[Value]]]:
    """Give the columns that this audit has of a file, and the cells of its rows."""
    names = list(columns)
    if audit.table.has_test:
        names.insert(names.index("row") + 1, SPLIT)
    if audit.table.files:
        names.insert(names.index("row"), FILE)
    return names, [[row.get(name, "") for name in names] for row in rows]


def suspect_rows(audit: Audit) -> Iterator[Row]:
    """Yield the rows of `suspects.csv`, most suspicious first."""
    table = audit.table
    for rank, (place, near) in enumerate(zip(audit.order.tolist(), audit.near.tolist(), strict=False), start=1):
        cells: list[Value] = []
        for other in near:
            cells += ["", "", ""] if other < 0 else [table.where(other), table.given(other), table.texts[other]]
        yield {
            "rank": rank,
            **_judged(audit, place),
            "votes": table.votes_of(place),
            **dict(zip(NEAR_COLUMNS, cells, strict=True)),
        }


def label_rows(audit: Audit) -> Iterator[Row]:
    """Yield the rows of `labels.csv`, in the order of the table."""
    for place, label in enumerate(audit.corrected().tolist()):
        corrected = audit.table.label_names[label] if label >= 0 else ""
        outside = _share(OUTSIDE, audit.outside, place)
        told = {"corrected_label": corrected, **_right(audit, place)}
        yield _judged(audit, place) | told | _consensus(audit, place) | outside


def _consensus(audit: Audit, place: int) -> Row:
    found = audit.consensus
    if found is None or found.labels[place] < 0:
        return {}
    name, quality = audit.table.label_names[int(found.labels[place])], float(found.quality[place])
    return dict(zip(CONSENSUS_COLUMNS, (name, round(quality, 4)), strict=True))


def _share(name: str, values: FloatArray | None, place: int) -> Row:
    """Give a column that an audit may have, empty in rows without a label."""
    if values is None or np.isnan(values[place]):
        return {}
    return {name: round(float(values[place]), 4)}


def _judged(audit: Audit, place: int) -> Row:
    p_wrong = float(audit.p_wrong[place])
    return {
        **_given(audit, place),
        "proposed_label": audit.table.label_names[int(audit.proposed[place])],
        "p_wrong": "" if np.isnan(p_wrong) else round(p_wrong, 4),
        **_share(CONTRADICTION, audit.contradicted, place),
    }


def _given(audit: Audit, place: int) -> Row:
    table = audit.table
    return {
        "row": int(table.rows[place]),
        FILE: table.file(place),
        SPLIT: table.split(place),
        "text": table.texts[place],
        "given_label": table.given(place),
    }


def _check_rows(audit: Audit) -> Iterator[Row]:
    """Yield the rows to check, with the right label of those that are reviewed."""
    for place in audit.to_check.tolist():
        yield _given(audit, place) | _right(audit, place)


def _right(audit: Audit, place: int) -> Row:
    """The label that a person gave, empty in rows that were not reviewed."""
    right = audit.checked.get(place)
    return {} if right is None else {RIGHT: audit.table.label_names[right]}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([defused_cell(value) if isinstance(value, str) else value for value in row])
    return sink.getvalue().encode("utf-8", "replace")
