"""Texts and labels of different files, brought together by an id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.cells import found_cell, label_text
from benchmark.corpora.tables.layout import HEADER_AGAIN
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.schema import LabelFiles

MOST_NAMED = 3


def joined(
    rows: Iterator[tuple[int, Any]], files: Mapping[str, Path], labels: LabelFiles, unmatched: list[str], several: bool
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of texts with the cells of the rows of labels that name them.

    Parameters
    ----------
    rows: numbers and cells of the rows with texts.
    files: the files by name.
    labels: which of them hold labels, and where ids stand.
    unmatched: is told of texts without labels.
    several: whether a text may have a row of labels for each annotator.
    """
    by_id = _rows_by_id(files, labels, several)
    seen: dict[str, int] = {}
    bare: list[str] = []
    for number, row in rows:
        key = label_text(found_cell(row, labels.text_id))
        if key in seen:
            raise BenchmarkError(f"Rows {seen[key]} and {number} of the texts have one id, '{key}'. Ids must differ.")
        seen[key] = number
        if key not in by_id:
            bare.append(key)
        for found in by_id.get(key, [{}]):
            yield number, {**row, **found}
    if bare:
        unmatched.append(f"{len(bare)} texts have no row of labels (ids {_some(bare)}): they have no label.")
    if seen and len(bare) == len(seen):
        raise BenchmarkError(
            f"No id of the texts (such as {_some(bare)}) is among those of the labels (such as {_some(list(by_id))}). "
            "Name the columns of ids by --id-column, once or for texts and labels apart."
        )


def _rows_by_id(files: Mapping[str, Path], labels: LabelFiles, several: bool) -> dict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in labels.files:
        path = files[part.file]
        for row in read_table(path, part.layout):
            if row.problem == HEADER_AGAIN:
                continue
            if row.problem:
                raise BenchmarkError(f"{path}, row {row.number} {row.problem}.")
            key = label_text(found_cell(row.cells, labels.id))
            if found[key] and not several:
                raise BenchmarkError(
                    f"{path}, row {row.number}: the text '{key}' has labels already. Keep one row a text, or name the "
                    "column that says who labelled by --annotator-column."
                )
            found[key].append(row.cells)
    return dict(found)


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:MOST_NAMED]) + (", …" if len(keys) > MOST_NAMED else "")
