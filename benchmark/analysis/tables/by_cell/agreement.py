"""Where no clean test labels are known: agreement with the noisy ones."""

from __future__ import annotations

from benchmark.analysis.layout.format import rule_name, seeds_text
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.by_cell.main import mark_words
from benchmark.records.schema import HEADLINE_RULES


def agreement_tables(results: ResultSet) -> list[Table]:
    """Agreement with noisy test labels, a table a rule; none where all tests are scored
    by clean ones.
    """
    tables, column = [], results.agreement_column
    for rule in HEADLINE_RULES:
        scores = results.scores(rule, column)
        if not scores["count"].any():
            continue
        caption = (
            f"{results.metric.heading} over {seeds_text(*results.seed_range)}: a hint, as a method that learns "
            f"the noise agrees with it. {mark_words(results, column)}"
        )
        title = f"Agreement with noisy test labels, {rule_name(rule)}"
        verdicts = results.verdicts(rule, column)
        tables += grid_tables(results, f"main-agreement-{rule}", "headline", title, caption, scores, verdicts)
    return tables
