"""The first screen of an encoder and recipe: the verdict, the means and the picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmark.analysis.layout.table import Table
from benchmark.analysis.page.answers import Answer, answers
from benchmark.analysis.page.classes import class_tables, why_absent
from benchmark.analysis.page.means import means_tables, standings
from benchmark.analysis.page.methods import Explained, explained
from benchmark.analysis.page.picture import picture
from benchmark.analysis.result_set import ResultSet


@dataclass(frozen=True, slots=True)
class Front:
    """What the page opens with.

    `means` holds one table, or none without a verdict. `picture` is SVG, empty where
    nothing can be drawn. `methods` explains every method of the page. `classes` show
    how the recommended methods do by class, or `absent` says why nothing does.
    """

    answers: tuple[Answer, ...] = ()
    means: tuple[Table, ...] = ()
    picture: str = ""
    methods: tuple[Explained, ...] = ()
    corpora: int = 1
    classes: tuple[Table, ...] = ()
    absent: str = ""


def front(results: ResultSet, tables: Iterable[Table], prefix: str = "") -> Front:
    """Give the first screen of a result set whose tables are made already.

    The names of the grid files that commands read begin with the prefix.
    """
    found = standings(results)
    classes = tuple(table for one in found for table in class_tables(results, one))
    needs = [table for table in tables if table.key == f"{prefix}needs"]
    return Front(
        answers(results, prefix),
        tuple(means_tables(results, found)),
        picture(results, found),
        explained(results, needs),
        results.cells["corpus"].nunique(),
        classes,
        why_absent(found) if found and not classes else "",
    )
