"""The main tables: accuracy under each headline rule, best and not distinguishable from best."""

from __future__ import annotations

from benchmark.analysis.layout.format import LEGEND, rule_name, seeds_text
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Section, Table
from benchmark.analysis.result_set import ACCURACY, SINGLE, ResultSet
from benchmark.records.schema import HEADLINE_RULES


def main_tables(results: ResultSet) -> list[Table]:
    """Test accuracy of the averaged networks, a table a rule; none where no test label is known to be right."""
    if results.without_clean_test:
        return []
    return [table for rule in HEADLINE_RULES for table in _tables(results, rule, ACCURACY)]


def single_tables(results: ResultSet) -> list[Table]:
    """The companion for single networks, where like meets like; none where every method trains one network."""
    if results.methods["networks"].max() <= 1 or results.without_clean_test:
        return []
    return [table for rule in HEADLINE_RULES for table in _tables(results, rule, SINGLE)]


def _tables(results: ResultSet, rule: str, metric: str) -> list[Table]:
    single = metric == SINGLE
    key = f"{'single' if single else 'main'}-{rule}"
    section: Section = "single" if single else "headline"
    what = "single networks" if single else "averaged networks where a method trains several"
    title = f"Accuracy{' of single networks' if single else ''}, {rule_name(rule)}"
    caption = (
        f"Test accuracy in points, mean ± standard deviation over seeds (ddof 1), {what}. "
        f"Selection: {rule_name(rule)}. {_first_upper(results.name)}; {seeds_text(*results.seed_range)}. "
        f"{test_words(results, rule, metric)} A dash: not run. {LEGEND}"
    )
    return grid_tables(
        results, key, section, title, caption, results.scores(rule, metric), results.verdicts(rule, metric)
    )


def test_words(results: ResultSet, rule: str, metric: str) -> str:
    """What bold and underlined mean, and which test is behind them."""
    found = [c for verdict in results.verdicts(rule, metric).values() for c in verdict.comparisons.values()]
    tested = [comparison for comparison in found if comparison.tested]
    bold = "Bold: best ranked method with every seed."
    if not tested:
        return f"{bold} No test: it takes two seeds and two ranked methods in a cell."
    words = (
        f"{bold} Underlined: not distinguishable from it at 5 % "
        "(seed-paired t with the variance from test examples added, variances between seeds moderated where a cell has "
        "eight methods or more, Smyth 2004; Holm over the cell's comparisons with the best, "
        "times half the number of methods, as the best was chosen by the same data)."
    )
    without = sum(1 for comparison in tested if comparison.example_variance is None)
    if without:
        words += f" In {without} of {len(tested)} comparisons the variance from test examples was not at hand."
    if metric == SINGLE:
        words += " That variance is taken from the averaged networks."
    return words


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
