"""Accuracy against the noise rate, a figure a corpus: noise kinds across, selection rules down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.analysis.figures.drawing import DASHES, MARKERS, MOST_LINES, Drawing, colours, drawing, label, look
from benchmark.analysis.setting import Setting
from benchmark.analysis.tables.words import rule_name
from benchmark.records import HEADLINE_RULES

PANEL_INCHES = (3.1, 2.3)
LEFT, TOP, BOTTOM, GAP = 0.85, 0.7, 0.55, 0.25
LEGEND_INCHES, LETTER_INCHES = 0.7, 0.085


def accuracy_by_rate(setting: Setting) -> Iterator[Drawing]:
    """One figure for each corpus that has a noise kind at two rates or more; clean counts as rate 0.

    Observed noise has no rate to vary and stays in the tables.

    Lines are the reference and the best others by mean over the corpus; the rest are thin and grey.
    """
    points = _points(setting)
    for corpus, rows in points.groupby("corpus"):
        kinds = _kinds(rows)
        if kinds:
            with look():
                figure = _figure(setting, str(corpus), rows, kinds)
            yield figure


def _points(setting: Setting) -> pd.DataFrame:
    """Mean and deviation of complete cells: one row a rule, cell and ranked method."""
    cells = setting.cells[["corpus", "noise_kind", "clean"]].assign(
        rate=setting.cells["noise_rate"].where(~setting.cells["clean"], 0.0)
    )
    parts = []
    for rule in HEADLINE_RULES:
        scores = setting.scores(rule).reset_index()
        scores = scores[scores["complete"] & scores["method"].isin([*setting.ranked, setting.reference])]
        parts.append(scores.assign(rule=rule).merge(cells, left_on="cell", right_index=True))
    return pd.concat(parts, ignore_index=True)


def _kinds(rows: pd.DataFrame) -> list[str]:
    noisy = rows[~rows["clean"] & rows["rate"].notna()]
    clean = int(rows["clean"].any())
    rates = noisy.groupby("noise_kind")["rate"].nunique()
    return sorted(str(kind) for kind in rates.index[rates + clean >= 2])


def _lines(setting: Setting, rows: pd.DataFrame) -> list[str]:
    """The methods drawn in colour: reference first, then by mean over what all have in common."""
    places = rows.pivot_table(index=["rule", "cell"], columns="method", values="mean")
    shared = places.dropna(axis=0)
    means = (shared if len(shared) else places).mean()
    ordered = sorted(means.index, key=lambda name: (name != setting.reference, -round(means[name], 9), name))
    return [str(name) for name in ordered[:MOST_LINES]]


def _figure(setting: Setting, corpus: str, rows: pd.DataFrame, kinds: list[str]) -> Drawing:
    shown = _lines(setting, rows)
    rules = [rule for rule in HEADLINE_RULES if rule in set(rows["rule"])]
    figure, panels = _panels(len(rules), len(kinds), max(len(label(name)) for name in shown))
    for i, rule in enumerate(rules):
        for j, kind in enumerate(kinds):
            panel = rows[(rows["rule"] == rule) & ((rows["noise_kind"] == kind) | rows["clean"])]
            _panel(panels[i, j], panel.sort_values("rate", kind="stable"), shown)
            panels[i, j].set_xticks(sorted(panel["rate"].unique()))
            panels[i, j].set_title(kind if i == 0 else "", fontweight="bold")
            panels[i, j].set_xlabel("noise rate" if i == len(rules) - 1 else "")
            panels[i, j].set_ylabel(f"accuracy (points)\n{rule_name(rule)}" if j == 0 else "")
    handles, names = panels[0, 0].get_legend_handles_labels()
    edge = panels[0, -1].get_position()
    figure.legend(handles, names, loc="upper left", bbox_to_anchor=(edge.x1, edge.y1), frameon=False)
    figure.suptitle(corpus, x=(panels[0, 0].get_position().x0 + edge.x1) / 2)
    rest = rows["method"].nunique() - len(shown)
    others = f" {rest} other methods are thin and grey." if rest else ""
    low, high = setting.seed_range
    seeds = str(high) if low == high else f"{low} to {high}"
    caption = (
        f"Test accuracy on {corpus} against the noise rate ({setting.name}). Lines: mean over {seeds} seeds; bands: "
        f"one standard deviation. Clean labels stand at rate 0. Cells that lack a seed are left out.{others}"
    )
    return drawing(figure, f"accuracy-by-rate-{corpus}", f"Accuracy against noise rate: {corpus}", caption)


def _panels(rows: int, columns: int, letters: int) -> tuple[Figure, Any]:
    """Axes of a fixed size in inches beside a legend of so many letters; a solver for the layout is far slower."""
    across = columns * PANEL_INCHES[0] + (columns - 1) * GAP
    down = rows * PANEL_INCHES[1] + (rows - 1) * GAP
    width, height = LEFT + across + LEGEND_INCHES + letters * LETTER_INCHES, TOP + down + BOTTOM
    figure = Figure(figsize=(width, height))
    panels = figure.subplots(rows, columns, sharex="col", sharey=True, squeeze=False)
    figure.subplots_adjust(
        left=LEFT / width,
        right=(LEFT + across) / width,
        bottom=BOTTOM / height,
        top=(BOTTOM + down) / height,
        wspace=GAP / PANEL_INCHES[0],
        hspace=GAP / PANEL_INCHES[1],
    )
    return figure, panels


def _panel(axes: Axes, rows: pd.DataFrame, shown: list[str]) -> None:
    groups = {str(name): group for name, group in rows.groupby("method")}
    for name in sorted(set(groups) - set(shown)):
        axes.plot(groups[name]["rate"], 100 * groups[name]["mean"], color="0.8", linewidth=0.7, zorder=1)
    for place, (name, colour) in enumerate(zip(shown, colours(), strict=False)):
        group = groups.get(name, rows.iloc[:0])
        rate, mean = group["rate"].to_numpy(float), 100 * group["mean"].to_numpy(float)
        spread = np.nan_to_num(100 * group["std"].to_numpy(float))
        axes.fill_between(rate, mean - spread, mean + spread, color=colour, alpha=0.13, linewidth=0, zorder=2)
        axes.plot(
            rate,
            mean,
            label=label(name),
            color=colour,
            marker=MARKERS[place],
            linestyle=DASHES[place],
            markersize=5,
            linewidth=1.5,
            zorder=3 + MOST_LINES - place,
        )
