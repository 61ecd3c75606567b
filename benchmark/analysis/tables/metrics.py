"""Metrics beside accuracy: macro-F1 where classes are uneven, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.layout.format import capitalised, number, plural, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Mark, Row, Section, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.averages import MOST_COLUMNS, complete_means
from benchmark.contracts.arrays import FloatArray
from benchmark.records.metric_specs import PREDICTION_METRICS, MetricSpec
from benchmark.records.schema import HEADLINE_RULES

LARGEST_RATIO, LARGEST_SHARE = 3.0, 0.6
"""A corpus is uneven where its largest class has over three times the noisy training
labels of its smallest, or over 60 % of all. Shares are means over the trials' records.
"""
UNEVEN = 0.02
"""Records without shares of classes count as uneven where accuracy and macro-F1 of the
methods lie further apart than this on average, since on even classes the two agree.
"""
ROUNDING = 1e-12
MACRO_F1 = "macro_f1"


def leading_macro_f1_tables(results: ResultSet) -> list[Table]:
    """Give macro-F1 of the corpora whose noisy training labels are uneven, a table a
    rule, which stand before accuracy.
    """
    if results.metric.name == MACRO_F1:
        return []
    uneven = unevenly_labelled(results)
    words = (
        f"Corpora whose largest class has over {LARGEST_RATIO:.0f} times the noisy training labels of the smallest, or "
        f"over {100 * LARGEST_SHARE:.0f} % of all."
    )
    tables = _tables(results, MACRO_F1, "headline", uneven, words)
    return [replace(table, key=f"leading-{table.key}") for table in tables]


def unevenly_labelled(results: ResultSet) -> list[str]:
    """Give the corpora whose noisy training labels are uneven, as far as records
    say.
    """
    return [corpus for corpus, shares in noisy_class_shares(results).items() if are_uneven(shares)]


@computed_once
def noisy_class_shares(results: ResultSet) -> dict[str, FloatArray]:
    """Give by corpus the mean share of each class among the noisy training labels,
    (C,), in the order of the cells.

    Only corpora whose records all hold the shares are there.
    """
    found: dict[str, list[FloatArray | None]] = {corpus: [] for corpus in results.cells["corpus"]}
    for detail in results.details_in([str(cell) for cell in results.cells.index]):
        found[detail.corpus].append(detail.class_shares)
    whole = {corpus: [one for one in shares if one is not None] for corpus, shares in found.items()}
    return {
        corpus: np.mean(np.stack(shares), axis=0)
        for corpus, shares in whole.items()
        if shares and len(shares) == len(found[corpus]) and len({len(one) for one in shares}) == 1
    }


def are_uneven(shares: FloatArray) -> bool:
    """Tell whether classes of these shares (C,) are so uneven that accuracy
    misleads.
    """
    return bool(shares.max() > LARGEST_RATIO * shares.min() or shares.max() > LARGEST_SHARE)


def macro_f1_tables(results: ResultSet) -> list[Table]:
    """Give macro-F1, a table a rule, of the corpora without shares of classes on which
    it differs from accuracy.
    """
    known = noisy_class_shares(results)
    uneven = [corpus for corpus in uneven_corpora(results) if corpus not in known]
    words = f"Corpora on which accuracy and macro-F1 differ by over {100 * UNEVEN:.0f} points at the last point."
    return _tables(results, MACRO_F1, "macro_f1", uneven, words)


def calibration_tables(results: ResultSet) -> list[Table]:
    """Give calibration error and negative log-likelihood by corpus, a table a metric
    and rule.
    """
    corpora = list(dict.fromkeys(results.cells["corpus"].astype(str)))
    return [table for name in ("ece", "nll") for table in _tables(results, name, "calibration", corpora, "")]


def uneven_corpora(results: ResultSet) -> list[str]:
    """Give the corpora on which accuracy and macro-F1 of ranked methods lie apart at
    the last point, by `UNEVEN`.
    """
    accuracy, macro = (
        complete_means(results, HEADLINE_RULES[0], PREDICTION_METRICS[name].column())
        for name in ("accuracy", "macro_f1")
    )
    gaps = (accuracy - macro)[[name for name in accuracy.columns if name in results.ranked]].mean(axis=1)
    by_corpus = gaps.abs().groupby(results.cells["corpus"].astype(str), sort=False).mean()
    return [str(corpus) for corpus, gap in by_corpus.items() if gap > UNEVEN]


def _tables(results: ResultSet, metric: str, section: Section, corpora: Sequence[str], words: str) -> list[Table]:
    """Give means over the noisy cells of each corpus, none without a measurement."""
    spec = PREDICTION_METRICS[metric]
    tables = []
    for rule in HEADLINE_RULES:
        means = complete_means(results, rule, spec.column()).loc[results.noisy_cells.index]
        places = results.cells["corpus"].astype(str).loc[means.index]
        found = [corpus for corpus in corpora if bool(means[places == corpus].notna().any(axis=None))]
        for start in range(0, len(found), MOST_COLUMNS):
            chosen = found[start : start + MOST_COLUMNS]
            key = f"{metric.replace('_', '-')}-{rule}-{start // MOST_COLUMNS + 1}"
            title = f"{spec.title} by corpus, {rule_name(rule)}"
            columns = tuple(Column(name, sub=plural(int((places == name).sum()), "cell")) for name in chosen)
            rows = _rows(results, {name: means[places == name] for name in chosen}, spec)
            caption = f"{capitalised(spec.unit)}, mean over noisy cells; {_direction(spec)}. {words}".strip()
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
