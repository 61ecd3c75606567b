"""Metrics beside accuracy: macro-F1 where classes are uneven, and calibration."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchmark.analysis.layout.format import number, plural, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Mark, Row, Section, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.averages import MOST_COLUMNS, complete_means
from benchmark.records.metric_specs import PREDICTION_METRICS, MetricSpec
from benchmark.records.schema import HEADLINE_RULES

UNEVEN = 0.02
"""A corpus counts as uneven where accuracy and macro-F1 of the methods lie further apart
than this on average: records hold no shares of classes, and on even classes the two agree.
"""
ROUNDING = 1e-12


def macro_f1_tables(results: ResultSet) -> list[Table]:
    """Macro-F1 by corpus, a table a rule, of the corpora whose classes are uneven."""
    uneven = uneven_corpora(results)
    words = f"Corpora on which accuracy and macro-F1 differ by over {100 * UNEVEN:.0f} points at the last point."
    return _tables(results, "macro_f1", "macro_f1", uneven, words)


def calibration_tables(results: ResultSet) -> list[Table]:
    """Calibration error and negative log-likelihood by corpus, a table a metric and
    rule.
    """
    corpora = list(dict.fromkeys(results.cells["corpus"].astype(str)))
    return [table for name in ("ece", "nll") for table in _tables(results, name, "calibration", corpora, "")]


def uneven_corpora(results: ResultSet) -> list[str]:
    """The corpora on which accuracy and macro-F1 of ranked methods lie apart at the
    last point, by `UNEVEN`.
    """
    accuracy, macro = (
        complete_means(results, HEADLINE_RULES[0], PREDICTION_METRICS[name].column())
        for name in ("accuracy", "macro_f1")
    )
    gaps = (accuracy - macro)[[name for name in accuracy.columns if name in results.ranked]].mean(axis=1)
    by_corpus = gaps.abs().groupby(results.cells["corpus"].astype(str), sort=False).mean()
    return [str(corpus) for corpus, gap in by_corpus.items() if gap > UNEVEN]


def _tables(results: ResultSet, metric: str, section: Section, corpora: Sequence[str], words: str) -> list[Table]:
    """Means over the noisy cells of each corpus; none where the metric was not measured."""
    spec = PREDICTION_METRICS[metric]
    tables = []
    for rule in HEADLINE_RULES:
        means = complete_means(results, rule, spec.column())[~results.cells["clean"]]
        places = results.cells["corpus"].astype(str).loc[means.index]
        found = [corpus for corpus in corpora if bool(means[places == corpus].notna().any(axis=None))]
        for start in range(0, len(found), MOST_COLUMNS):
            chosen = found[start : start + MOST_COLUMNS]
            key = f"{metric.replace('_', '-')}-{rule}-{start // MOST_COLUMNS + 1}"
            title = f"{spec.title} by corpus, {rule_name(rule)}"
            columns = tuple(Column(name, sub=plural(int((places == name).sum()), "cell")) for name in chosen)
            rows = _rows(results, {name: means[places == name] for name in chosen}, spec)
            caption = (
                f"{spec.unit[:1].upper()}{spec.unit[1:]}, mean over noisy cells; {_direction(spec)}. {words}".strip()
            )
            tables.append(Table(key, section, title, caption, "method", columns, rows, "mean over"))
    return tables


def _direction(spec: MetricSpec) -> str:
    return f"{'higher' if spec.higher_is_better else 'lower'} is better; bold: best ranked method, no test"


def _rows(results: ResultSet, means: dict[str, pd.DataFrame], spec: MetricSpec) -> tuple[Row, ...]:
    values = {corpus: cells.mean().where(cells.notna().all()) for corpus, cells in means.items()}
    sign = 1.0 if spec.higher_is_better else -1.0
    best = {c: (sign * v[[m for m in v.index if m in results.ranked]]).max() for c, v in values.items()}
    rows = []
    for name, method in results.methods.iterrows():
        cells = []
        for corpus, of_corpus in values.items():
            value = float(of_corpus.get(name, float("nan")))
            leads = name in results.ranked and sign * value >= best[corpus] - ROUNDING
            mark: Mark = "best" if leads else ""
            cells.append(Cell(number(spec.scale * value, spec.digits), mark))
        rows.append(Row(label(str(name), method), tuple(cells)))
    return tuple(rows)
