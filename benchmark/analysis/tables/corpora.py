"""What each method gains over the noises of a corpus, with its interval."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.analysis.layout.format import NONE, gain_with_range, gain_words, plural, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics import Comparison
from benchmark.analysis.tables.averages import MOST_COLUMNS
from benchmark.records.metric_specs import MetricSpec
from benchmark.records.schema import HEADLINE_RULES


def corpus_tables(results: ResultSet) -> list[Table]:
    """Give the mean gain over the noisy cells of each corpus, a table a rule.

    There is none where no corpus has several, as its cell then says the same.
    """
    cells = results.noisy_cells
    sizes = {str(corpus): int(size) for corpus, size in cells["corpus"].value_counts().items()}
    tables = []
    for rule in HEADLINE_RULES:
        found = {corpus: mine for corpus, mine in results.in_corpora(rule).items() if sizes[corpus] > 1 and mine}
        names = list(found)
        for start in range(0, len(names), MOST_COLUMNS):
            some = {corpus: found[corpus] for corpus in names[start : start + MOST_COLUMNS]}
            tables.append(_table(results, rule, some, sizes, start // MOST_COLUMNS + 1))
    return tables


def _table(
    results: ResultSet,
    rule: str,
    found: Mapping[str, Mapping[str, Comparison]],
    sizes: Mapping[str, int],
    part: int,
) -> Table:
    metric = results.metric
    caption = (
        f"Mean difference to {results.reference} over the noisy cells of a corpus in {metric.unit}, with its 95 % "
        f"interval before Holm, paired by seed. Bold: told from it after Holm over the methods.{gain_words(metric)}"
    )
    compared = {name for mine in found.values() for name in mine}
    rows = tuple(
        Row(label(str(name), method), tuple(_cell(mine.get(str(name)), metric) for mine in found.values()))
        for name, method in results.methods.iterrows()
        if name in compared
    )
    columns = tuple(Column(corpus, sub=plural(sizes[corpus], "cell")) for corpus in found)
    title = f"Gain by corpus over {results.reference}, {rule_name(rule)}"
    return Table(f"corpora-{rule}-{part}", "across", title, caption, "method", columns, rows, "mean over")


def _cell(found: Comparison | None, metric: MetricSpec) -> Cell:
    if found is None:
        return Cell(NONE)
    text = gain_with_range(metric, found.difference, found.low, found.high)
    return Cell(text, "best" if found.distinguishable else "")
