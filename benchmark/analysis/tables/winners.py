"""Who is best in each cell, by how much, and whether that is more than luck."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.format import NONE, metric_text
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import CellComparison, ResultSet
from benchmark.records.schema import HEADLINE_RULES

NO_TEST = "no test"


def winner_tables(results: ResultSet) -> list[Table]:
    """Give a row for each cell, both headline rules side by side.

    There is none where no test label is known to be right.
    """
    if results.without_clean_test:
        return []
    unit = results.metric.unit
    columns = tuple(Column(name, rule) for rule in HEADLINE_RULES for name in ("best", unit, "told apart from"))
    by_rule = [(results.scores(rule)["mean"], results.verdicts(rule)) for rule in HEADLINE_RULES]
    rows = []
    before = None
    for cell, place in results.cells.iterrows():
        texts = [text for mean, verdicts in by_rule for text in _texts(results, str(cell), mean, verdicts)]
        new = before is not None and place["corpus"] != before
        rows.append(Row(f"{place['corpus']} {place['noise']}", tuple(map(Cell, texts)), rule=new))
        before = place["corpus"]
    caption = (
        f"Best: {'highest' if results.metric.higher_is_better else 'lowest'} mean among ranked methods with every "
        "seed. Told apart from: ranked methods that are worse by a paired test at 5 %."
    )
    return [Table("winners", "headline", "Who is best where", caption, "cell", columns, tuple(rows))]


def lead(verdict: CellComparison) -> str:
    """Say whether the best stands alone."""
    if len(verdict.best) > 1:
        return f"tie of {len(verdict.best)}"
    if not verdict.comparisons:
        return "nothing to compare"
    if not any(comparison.tested for comparison in verdict.comparisons.values()):
        return NO_TEST
    close = sum(1 for method in verdict.comparisons if verdict.tied_with_best(method))
    if close == len(verdict.comparisons):
        return "none"
    return "all" if close == 0 else f"all but {close}"


def _texts(
    results: ResultSet, cell: str, mean: pd.Series[float], verdicts: dict[str, CellComparison]
) -> tuple[str, str, str]:
    verdict = verdicts.get(cell)
    if verdict is None:
        return NONE, NONE, NONE
    return ", ".join(verdict.best), metric_text(results.metric, mean[(cell, verdict.best[0])]), lead(verdict)
