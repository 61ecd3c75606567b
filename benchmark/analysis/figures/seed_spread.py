"""How far the seeds of one method lie apart: one number hides it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from benchmark.analysis.figures.drawing import Drawing, colours, drawing, label, look
from benchmark.analysis.layout.format import plural, rule_name
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

ROW, TOP, BOTTOM, LEFT, PANEL, GAP = 0.2, 0.45, 0.6, 2.6, 2.9, 0.25
LETTERS = 8.5
MOST_MARKS = 60
"""Trials a method that are drawn one by one; more would be a grey bar and a large
file.
"""


def seed_spread(results: ResultSet) -> Iterator[Drawing]:
    """Yield one figure, a method a row and rules side by side, with a mark for each
    trial's distance from the mean of its cell.
    """
    parts = {rule: _distances(results, rule) for rule in HEADLINE_RULES}
    parts = {rule: rows for rule, rows in parts.items() if len(rows)}
    if parts:
        with look():
            figure = _figure(results, parts)
        yield figure


def _distances(results: ResultSet, rule: str) -> pd.DataFrame:
    """Give `method` and `distance` from the mean over seeds, in the metric's unit, of
    cells with two seeds or more.
    """
    rows = results.values(rule, results.column)
    rows = rows[rows["value"].notna() & rows["method"].isin([*results.ranked, results.reference])]
    grouped = rows.groupby(["cell", "method"])["value"]
    rows = rows.assign(distance=results.metric.scale * (rows["value"] - grouped.transform("mean")))
    return rows.loc[grouped.transform("size") > 1, ["cell", "method", "distance"]]


def _figure(results: ResultSet, parts: dict[str, pd.DataFrame]) -> Drawing:
    pooled = pd.concat(parts.values())
    spreads = (pooled["distance"] ** 2).groupby(pooled["method"]).mean() ** 0.5
    ordered = [str(name) for name in spreads.round(9).sort_index().sort_values(kind="stable").index]
    width = LEFT + len(parts) * PANEL + (len(parts) - 1) * GAP + GAP
    height = TOP + BOTTOM + ROW * len(ordered)
    figure = Figure(figsize=(width, height))
    blue = colours()[0]
    for place, (rule, rows) in enumerate(parts.items()):
        left = (LEFT + place * (PANEL + GAP)) / width
        axes = figure.add_axes((left, BOTTOM / height, PANEL / width, ROW * len(ordered) / height))
        rows_of = rows["method"].map({name: row for row, name in enumerate(ordered)})
        axes.axvline(0, color="0.6", linewidth=0.8, zorder=1)
        if len(rows) <= MOST_MARKS * len(ordered):
            axes.plot(rows["distance"], rows_of, "|", color="0.25", markersize=6, markeredgewidth=0.8, zorder=3)
        ends = rows.groupby("method")["distance"].agg(["min", "max"]).reindex(ordered)
        axes.hlines(range(len(ordered)), ends["min"], ends["max"], color="0.25", linewidth=0.8, zorder=3)
        deviations = [float((rows.loc[rows["method"] == name, "distance"] ** 2).mean() ** 0.5) for name in ordered]
        axes.barh(
            range(len(ordered)),
            [2 * d for d in deviations],
            left=[-d for d in deviations],
            height=0.62,
            color=[(*blue, 0.3)],
            linewidth=0,
            zorder=2,
        )
        axes.set_ylim(len(ordered) - 0.5, -0.5)
        names = [label(name) for name in ordered] if place == 0 else []
        axes.set_yticks(range(len(ordered)) if place == 0 else [], names, fontsize=LETTERS)
        axes.grid(False, axis="y")
        axes.set_xlabel(f"{results.metric.unit} from the mean of the seeds")
        axes.set_title(rule_name(rule), fontsize=9.5, fontweight="bold")
    cells = pooled.groupby("method")["cell"].nunique()
    caption = (
        f"Test {results.metric.in_words} of each trial less the mean over the seeds of its method and cell "
        f"({results.name}), over up to {plural(int(cells.max()), 'cell')}. Bars: plus and minus the root of the "
        "mean square; thin lines: from the lowest to the highest; marks, where they are few: each trial. "
        "Steadiest first."
    )
    return drawing(figure, "seed-spread", "Spread over seeds", caption)
