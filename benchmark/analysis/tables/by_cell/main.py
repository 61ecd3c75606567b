"""The main tables: the metric under each headline rule, best and not
distinguishable from best.
"""

from __future__ import annotations

from benchmark.analysis.layout.format import rule_name, seeds_text
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Section, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics import Comparison
from benchmark.records.schema import HEADLINE_RULES

SEEDS_ALONE = "The variance is that between seeds alone."


def main_tables(results: ResultSet) -> list[Table]:
    """Give the metric of the averaged networks on the test set, a table a rule.

    There is none where no test label is known to be right.
    """
    if results.without_clean_test:
        return []
    return [table for rule in HEADLINE_RULES for table in _tables(results, rule, single=False)]


def single_tables(results: ResultSet) -> list[Table]:
    """Give the companion for single networks, where like meets like.

    There is none where every method trains one network.
    """
    if results.methods["networks"].max() <= 1 or results.without_clean_test:
        return []
    return [table for rule in HEADLINE_RULES for table in _tables(results, rule, single=True)]


def _tables(results: ResultSet, rule: str, single: bool) -> list[Table]:
    metric = results.single_column if single else results.column
    key = f"{'single' if single else 'main'}-{rule}"
    section: Section = "single" if single else "headline"
    title = f"{results.metric.title}{' of single networks' if single else ''}, {rule_name(rule)}"
    caption = f"{results.metric.heading}, mean ± standard deviation over {seeds_text(*results.seed_range)}. "
    caption += mark_words(results, metric)
    return grid_tables(
        results, key, section, title, caption, results.scores(rule, metric), results.verdicts(rule, metric)
    )


def mark_words(results: ResultSet, metric: str) -> str:
    """Say what bold and underlined mean in a line, and whether any test was made under
    a headline rule.
    """
    if tested_comparisons(results, metric):
        words = "Bold: best ranked method; underlined: a test cannot tell it from the best."
        return words if results.metric.per_example else f"{words} {SEEDS_ALONE}"
    return "Bold: best ranked method. No test: it takes two seeds and two ranked methods in a cell."


def tested_comparisons(results: ResultSet, metric: str) -> list[Comparison]:
    """Give the comparisons with the best of a cell in which a test was made, under both
    headline rules.
    """
    verdicts = [verdict for rule in HEADLINE_RULES for verdict in results.verdicts(rule, metric).values()]
    return [one for verdict in verdicts for one in verdict.comparisons.values() if one.tested]
