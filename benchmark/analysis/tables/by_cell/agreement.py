"""Where no clean test labels are known: agreement with the noisy ones."""

from __future__ import annotations

from benchmark.analysis.layout.format import rule_name, seeds_text
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Table
from benchmark.analysis.result_set import AGREEMENT, ResultSet
from benchmark.analysis.tables.by_cell.main import mark_words
from benchmark.records.schema import HEADLINE_RULES


def agreement_tables(results: ResultSet) -> list[Table]:
    """Agreement with noisy test labels, a table a rule.

    None where all tests are scored by clean ones.
    """
    tables = []
    for rule in HEADLINE_RULES:
        scores = results.scores(rule, AGREEMENT)
        if not scores["count"].any():
            continue
        caption = (
            f"Points over {seeds_text(*results.seed_range)}: a hint, as a method that learns the noise agrees with it. "
            f"{mark_words(results, AGREEMENT)}"
        )
        title = f"Agreement with noisy test labels, {rule_name(rule)}"
        verdicts = results.verdicts(rule, AGREEMENT)
        tables += grid_tables(results, f"main-agreement-{rule}", "headline", title, caption, scores, verdicts)
    return tables
