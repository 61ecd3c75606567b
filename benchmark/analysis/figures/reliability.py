"""What `p_wrong` of an audit says beside what is wrong, a panel a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from benchmark.analysis.figures.drawing import Drawing, colours, drawing, label, look
from benchmark.analysis.figures.panels import panel_grid

COLUMNS = 8
INCHES = (0.88, 0.78)
FEWEST_ROWS = 5
"""Bins with fewer rows a seed are not drawn."""

WAYS = ((0, "no row checked", "o"), (50, "fifty rows checked", "s"))
CAPTION = (
    "Across: the mean of p_wrong in each of ten bins. Up: the share of labels that are wrong there. On the diagonal "
    "both are equal. Means over seeds; bins of fewer than five rows are left out."
)


def reliability_figure(binned: pd.DataFrame) -> Drawing:
    """Draw a panel a cell with two lines: without checked rows and with fifty.

    Parameters
    ----------
    binned : rows of the measurement of calibration, of several cells and seeds.
    """
    cells = list(binned.groupby(["corpus", "noise"], sort=True))
    rows = -(-len(cells) // COLUMNS)
    with look():
        figure, axes = panel_grid(rows, COLUMNS, inches=INCHES, sharex=True, sharey=True)
        for place, axis in enumerate(axes.flat):
            if place >= len(cells):
                axis.set_visible(False)
                continue
            (corpus, noise), cell = cells[place]
            _panel(axis, cell)
            axis.grid(visible=False)
            axis.set_title(f"{label(str(corpus))}\n{label(str(noise))}", fontsize=5, pad=2)
        handles, names = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="upper right", ncols=len(WAYS), frameon=False, fontsize=8)
        figure.supxlabel("p_wrong", fontsize=8)
        figure.supylabel("share of wrong labels", fontsize=8)
        return drawing(figure, "calibration", "Calibration of audits", CAPTION)


def _panel(axis: Axes, cell: pd.DataFrame) -> None:
    axis.plot([0, 1], [0, 1], color="0.6", linewidth=0.6, linestyle=(0, (5, 2)))
    for number, (checked, name, marker) in enumerate(WAYS):
        bins = _bins(cell[cell["checked"] == checked])
        style: dict[str, Any] = {"color": colours()[number], "linewidth": 0.9, "marker": marker, "markersize": 1.6}
        axis.plot(bins["believed"], bins["wrong"], label=name, **style)
    axis.set_xlim(-0.03, 1.03)
    axis.set_ylim(-0.03, 1.03)
    axis.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    axis.set_yticks([0, 0.5, 1], ["0", ".5", "1"])
    axis.tick_params(labelsize=6, pad=1)


def _bins(cell: pd.DataFrame) -> pd.DataFrame:
    """Give the bins with enough rows, each the mean over the seeds, weighted by
    rows.
    """
    seeds = max(cell["seed"].nunique(), 1)
    sums = (
        cell.assign(believed=cell["believed"] * cell["rows"], wrong=cell["wrong"] * cell["rows"])
        .groupby("bin")[["rows", "believed", "wrong"]]
        .sum()
    )
    kept = sums[sums["rows"] >= FEWEST_ROWS * seeds]
    return kept[["believed", "wrong"]].div(np.maximum(kept["rows"], 1.0), axis=0)
