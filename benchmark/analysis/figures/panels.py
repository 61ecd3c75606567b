"""Figures of panels with lines: axes of a fixed size, one look of a method in all
panels, one legend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.analysis.figures.drawing import DASHES, MARKERS, MOST_LINES, colours, label

PANEL_INCHES = (3.1, 2.3)
LEFT, TOP, BOTTOM, GAP = 0.85, 0.7, 0.55, 0.25
LEGEND_INCHES, LETTER_INCHES = 0.7, 0.085
MOST_MARKERS = 5


def panel_grid(
    rows: int, columns: int, right: float = GAP, inches: tuple[float, float] = PANEL_INCHES, **options: Any
) -> tuple[Figure, Any]:
    """Give a figure and its axes (rows, columns), each so many inches, with `right`
    inches free for a legend.

    A solver for the layout is far slower.
    """
    across = columns * inches[0] + (columns - 1) * GAP
    down = rows * inches[1] + (rows - 1) * GAP
    width, height = LEFT + across + right, TOP + down + BOTTOM
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    figure.subplots_adjust(
        left=LEFT / width,
        right=(LEFT + across) / width,
        bottom=BOTTOM / height,
        top=(BOTTOM + down) / height,
        wspace=GAP / inches[0],
        hspace=GAP / inches[1],
    )
    return figure, axes


def legend_inches(names: Sequence[str]) -> float:
    """Give the room that a legend of these methods takes."""
    return LEGEND_INCHES + max(len(label(name)) for name in names) * LETTER_INCHES


def foremost(places: pd.DataFrame, reference: str, most: int = MOST_LINES) -> list[str]:
    """Choose the methods drawn in colour: the reference, then by mean over the places
    (rows) that all have in common.
    """
    shared = places.dropna(axis=0)
    means = (shared if len(shared) else places).mean()
    ordered = sorted(means.index, key=lambda name: (name != reference, -round(means[name], 9), name))
    return [str(name) for name in ordered[:most]]


def draw_lines(axes: Axes, lines: Mapping[str, pd.DataFrame], shown: Sequence[str]) -> None:
    """Mean and band of each method, frames with `x`, `mean` and `std` as shares; those
    not shown are thin and grey.
    """
    for name in sorted(set(lines) - set(shown)):
        axes.plot(lines[name]["x"], 100 * lines[name]["mean"], color="0.8", linewidth=0.7, zorder=1)
    nothing = pd.DataFrame({"x": [], "mean": [], "std": []}, dtype="float64")
    for place, (name, colour) in enumerate(zip(shown, colours(), strict=False)):
        line = lines.get(name, nothing)
        x, mean = line["x"].to_numpy(float), 100 * line["mean"].to_numpy(float)
        spread = np.nan_to_num(100 * line["std"].to_numpy(float))
        if spread.any():
            axes.fill_between(x, mean - spread, mean + spread, color=colour, alpha=0.13, linewidth=0, zorder=2)
        axes.plot(
            x,
            mean,
            label=label(name),
            color=colour,
            marker=MARKERS[place],
            markevery=max(1, round(len(x) / MOST_MARKERS)),
            linestyle=DASHES[place],
            markersize=5,
            linewidth=1.5,
            zorder=3 + MOST_LINES - place,
        )


def add_legend(figure: Figure, axes: Any, title: str) -> None:
    """Name the lines of the first panel beside the last panel of the first row, and put
    the title over all panels.
    """
    handles, names = axes[0, 0].get_legend_handles_labels()
    edge = axes[0, -1].get_position()
    figure.legend(handles, names, loc="upper left", bbox_to_anchor=(edge.x1, edge.y1), frameon=False)
    add_title(figure, axes, title)


def add_title(figure: Figure, axes: Any, title: str) -> None:
    """Put the title over the middle of the panels."""
    middle = (axes[0, 0].get_position().x0 + axes[0, -1].get_position().x1) / 2
    figure.suptitle(label(title), x=middle)
