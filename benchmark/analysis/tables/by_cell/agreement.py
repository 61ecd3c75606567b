"""Where no clean test labels are known: agreement with the noisy ones, and accuracy on
the texts that were checked.
"""

from __future__ import annotations

from benchmark.analysis.layout.format import plural, rule_name, seeds_text
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.by_cell.main import mark_words
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import HEADLINE_RULES


def checked_tables(results: ResultSet) -> list[Table]:
    """Give the metric on the test texts with a checked label, a table a rule.

    There is none where no text or every one has such a label.
    """
    if not results.holds(results.metric.column(CHECKED_TEXTS)):
        return []
    counts = sorted({int(rows) for rows in results.frame["checked_rows"].dropna()})
    rows = plural(counts[0], "checked label") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} checked labels"
    what = f"{results.metric.title} on {rows}"
    return _tables(results, results.metric.column(CHECKED_TEXTS), "checked", what, "no method saw these labels")


def agreement_tables(results: ResultSet) -> list[Table]:
    """Give the metric by noisy test labels, a table a rule.

    There is none where all tests are scored by clean ones.
    """
    hint = "a hint, as a method that learns the noise agrees with it"
    metric = results.metric
    what = "Agreement with" if metric.name == "accuracy" else f"{metric.title} by"
    return _tables(results, results.agreement_column, "agreement", f"{what} noisy test labels", hint)


def _tables(results: ResultSet, column: str, key: str, what: str, words: str) -> list[Table]:
    tables = []
    for rule in HEADLINE_RULES:
        scores = results.scores(rule, column)
        if not scores["count"].any():
            continue
        caption = (
            f"{results.metric.heading} over {seeds_text(*results.seed_range)}: {words}. {mark_words(results, column)}"
        )
        title, verdicts = f"{what}, {rule_name(rule)}", results.verdicts(rule, column)
        tables += grid_tables(results, f"main-{key}-{rule}", "headline", title, caption, scores, verdicts)
    return tables
