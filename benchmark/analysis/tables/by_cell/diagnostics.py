"""Oracle rules, shown to tell how much selection costs; nothing here is ranked."""

from __future__ import annotations

from benchmark.analysis.layout.format import rule_name
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Table
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES, RULES


def diagnostic_tables(results: ResultSet) -> list[Table]:
    """Give the metric under the rules that read clean labels, a table a rule that any
    record has.
    """
    tables = []
    for rule in [rule for rule in RULES if rule not in HEADLINE_RULES]:
        scores = results.scores(rule)
        if not scores["count"].any():
            continue
        caption = (
            f"{results.metric.heading}, mean ± standard deviation over seeds. No practitioner can select so: a "
            "diagnostic, never ranked."
        )
        title = f"{results.metric.title}, {rule_name(rule)}"
        tables += grid_tables(results, f"oracle-{rule}", "oracle", title, caption, scores)
    return tables
