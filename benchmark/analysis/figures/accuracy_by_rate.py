"""The metric against the noise rate, a figure a corpus: noise kinds across, selection
rules down.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchmark.analysis.figures.drawing import Drawing, drawing, look
from benchmark.analysis.figures.panels import add_legend, draw_lines, foremost, legend_inches, panel_grid
from benchmark.analysis.layout.format import plural, rule_name, seeds_text
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

SHARES = 100.0
"""Panels draw shares as points."""


def accuracy_by_rate(results: ResultSet) -> Iterator[Drawing]:
    """Yield a figure for each corpus that has a noise kind at two rates or more.

    Clean labels count as rate 0.

    Observed noise has no rate to vary and stays in the tables.

    Lines are the reference and the best others by mean over the corpus; the rest are
    thin and grey.
    """
    points = _points(results)
    for corpus, rows in points.groupby("corpus"):
        kinds = _kinds(rows)
        if kinds:
            with look():
                figure = _figure(results, str(corpus), rows, kinds)
            yield figure


def _points(results: ResultSet) -> pd.DataFrame:
    """Mean and deviation of complete cells: one row a rule, cell and ranked method."""
    cells = results.cells[["corpus", "noise_kind", "clean"]].assign(
        x=results.cells["noise_rate"].where(~results.cells["clean"], 0.0)
    )
    parts = []
    for rule in HEADLINE_RULES:
        scores = results.scores(rule).reset_index()
        scores = scores[scores["complete"] & scores["method"].isin([*results.ranked, results.reference])]
        scores[["mean", "std"]] *= results.metric.scale / SHARES
        parts.append(scores.assign(rule=rule).merge(cells, left_on="cell", right_index=True))
    return pd.concat(parts, ignore_index=True)


def _kinds(rows: pd.DataFrame) -> list[str]:
    noisy = rows[~rows["clean"] & rows["x"].notna()]
    clean = int(rows["clean"].any())
    rates = noisy.groupby("noise_kind")["x"].nunique()
    return sorted(str(kind) for kind in rates.index[rates + clean >= 2])


def _figure(results: ResultSet, corpus: str, rows: pd.DataFrame, kinds: list[str]) -> Drawing:
    means = rows.pivot_table(index=["rule", "cell"], columns="method", values="mean")
    shown = foremost(means if results.metric.higher_is_better else -means, results.reference)
    rules = [rule for rule in HEADLINE_RULES if rule in set(rows["rule"])]
    figure, panels = panel_grid(len(rules), len(kinds), legend_inches(shown), sharex="col", sharey=True)
    for i, rule in enumerate(rules):
        for j, kind in enumerate(kinds):
            panel = rows[(rows["rule"] == rule) & ((rows["noise_kind"] == kind) | rows["clean"])]
            lines = {str(name): line for name, line in panel.sort_values("x", kind="stable").groupby("method")}
            draw_lines(panels[i, j], lines, shown)
            panels[i, j].set_xticks(sorted(panel["x"].unique()))
            panels[i, j].set_title(kind if i == 0 else "", fontweight="bold")
            panels[i, j].set_xlabel("noise rate" if i == len(rules) - 1 else "")
            panels[i, j].set_ylabel(
                f"{results.metric.in_words} ({results.metric.unit})\n{rule_name(rule)}" if j == 0 else ""
            )
    add_legend(figure, panels, corpus)
    rest = rows["method"].nunique() - len(shown)
    others = f" {plural(rest, 'other method')} thin and grey." if rest else ""
    caption = (
        f"Test {results.metric.in_words} on {corpus} against the noise rate ({results.name}). Lines: mean over "
        f"{seeds_text(*results.seed_range)}; bands: one standard deviation. Clean labels stand at rate 0. "
        f"Cells that lack a seed are left out.{others}"
    )
    title = f"{results.metric.title} against noise rate: {corpus}"
    return drawing(figure, f"{results.metric.key}-by-rate-{corpus}", title, caption)
