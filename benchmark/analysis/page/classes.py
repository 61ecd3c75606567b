"""How the recommended method does on each class, and which it takes for which."""

from __future__ import annotations

import numpy as np

from benchmark.analysis.layout.format import NONE, number, signed
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.page.means import Standing
from benchmark.analysis.points import Detail, Matrix
from benchmark.analysis.result_set import ResultSet

ABSENT = (
    "Accuracy and confusion by class are absent: the records of this report hold which test texts were right, and not "
    "which class was predicted. Trials that are run now keep both, up to 30 classes, where clean test labels are known."
)
NO_CLEAN = "Accuracy and confusion by class are absent: they take clean test labels."


def class_tables(results: ResultSet, standing: Standing) -> list[Table]:
    """Give a table of accuracy by class and confusion of a corpus' recommended method;
    none where its records lack them.

    Test texts are counted over the noisy cells, their seeds and both ways to stop.
    """
    family, method = standing.family, standing.found.method
    places = results.cells.index[(results.cells["corpus"] == family.corpus) & ~results.cells["clean"]]
    details = results.details_in([str(place) for place in places])
    mine, other = counts_of(details, method), counts_of(details, family.reference)
    if mine is None or other is None or mine.shape != other.shape:
        return []
    names = _names(details, len(mine))
    return [_by_class(standing, names, mine, other)]


def counts_of(details: list[Detail], method: str) -> Matrix | None:
    """Give the confusion of a method, added up over trials, (C, C); None where a trial
    lacks it.
    """
    found = [detail.confusion for detail in details if detail.method == method]
    kept = [one for one in found if one is not None]
    if not kept or len(kept) < len(found) or len({len(one) for one in kept}) > 1:
        return None
    total: Matrix = np.sum(kept, axis=0)
    return total


def _names(details: list[Detail], classes: int) -> list[str]:
    """Give the names of the classes, or their numbers where records lack them."""
    known = {detail.label_names[:classes] for detail in details}
    names = known.pop() if len(known) == 1 else ()
    return list(names) if len(names) == classes else [f"class {place}" for place in range(classes)]


def _by_class(standing: Standing, names: list[str], mine: Matrix, other: Matrix) -> Table:
    """Give of each class its share, the accuracies on it, and what it is mistaken
    for.
    """
    method, reference = standing.found.method, standing.family.reference
    alone = method == reference
    rows = []
    for place, name in enumerate(names):
        texts = mine[place].sum()
        given, before = (100 * counts[place] / max(texts, 1) for counts in (mine, other))
        own = [given[place], *([] if alone else [before[place]])]
        compared = [] if alone else [signed(own[0] - own[1])]
        mistaken = [NONE if other == place else number(share, 1) for other, share in enumerate(given)]
        shown = [
            number(100 * texts / max(mine.sum(), 1), 1),
            *(number(share, 1) for share in own),
            *compared,
            *mistaken,
        ]
        rows.append(Row(name, tuple(map(Cell, shown))))
    columns = [Column("% of texts"), *(Column(name, "accuracy") for name in (method, *([] if alone else [reference])))]
    columns += [] if alone else [Column("gain", "accuracy")]
    columns += [Column(name, f"{method} gives instead, %") for name in names]
    caption = (
        "Of the test texts of each class the percentage that is given the right class, and those that are given each "
        "other one; over noisy cells, seeds and both ways to stop."
    )
    title = f"Accuracy and confusion by class: {standing.family.corpus}"
    return Table("classes", "headline", title, caption, "class", tuple(columns), tuple(rows))


def why_absent(found: tuple[Standing, ...]) -> str:
    """Say in a sentence why no class is shown."""
    return ABSENT if any(one.family.labels == "clean test labels" for one in found) else NO_CLEAN
