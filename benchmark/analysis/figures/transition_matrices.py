"""Transition matrices, a figure a corpus: asked for, realised, and as methods estimated
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from benchmark.analysis.figures.drawing import Drawing, drawing, label, look
from benchmark.analysis.figures.panels import add_title, panel_grid
from benchmark.analysis.points import Matrix, estimated_matrices, realised_matrix, requested_matrix
from benchmark.analysis.result_set import ResultSet

MOST_KINDS = 4
MOST_ESTIMATES = 3
MOST_NUMBERED = 8
PANEL_INCHES = (2.2, 2.2)
DARK = 0.4


def transition_matrices(results: ResultSet) -> Iterator[Drawing]:
    """Yield a figure for each corpus with wrong labels, each noise kind at its highest
    rate, as means over seeds.
    """
    for corpus in dict.fromkeys(results.cells["corpus"]):
        columns = {}
        for cell, place in results.hardest(str(corpus), MOST_KINDS).iterrows():
            found = _matrices(results, str(cell))
            if found:
                columns[str(place["noise"])] = found
        if columns:
            with look():
                figure = _figure(results, str(corpus), columns)
            yield figure


def _matrices(results: ResultSet, cell: str) -> dict[str, Matrix]:
    """Give the matrices by row of the figure, none where nothing was realised."""
    details = results.details_in([cell])
    realised, requested = realised_matrix(details), requested_matrix(details)
    if realised is None:
        return {}
    found = {} if requested is None else {"asked": requested}
    estimates = estimated_matrices(details)
    ordered = sorted(estimates, key=lambda name: (float(np.abs(estimates[name] - realised).sum()), name))
    return found | {"realised": realised} | {f"by {name}": estimates[name] for name in ordered}


def _figure(results: ResultSet, corpus: str, columns: dict[str, dict[str, Matrix]]) -> Drawing:
    estimates = sorted({row for found in columns.values() for row in found if row.startswith("by ")})
    rows = [row for row in ("asked", "realised") if any(row in found for found in columns.values())]
    rows += estimates[:MOST_ESTIMATES]
    figure, panels = panel_grid(len(rows), len(columns), inches=PANEL_INCHES)
    for i, row in enumerate(rows):
        for j, (noise, found) in enumerate(columns.items()):
            _panel(panels[i, j], found.get(row))
            panels[i, j].set_title(label(noise) if i == 0 else "", fontweight="bold", fontsize=9)
            panels[i, j].set_xlabel("noisy label" if i == len(rows) - 1 else "")
            panels[i, j].set_ylabel(f"{label(row)}\nclean label" if j == 0 else "")
    add_title(figure, panels, corpus)
    caption = (
        f"Share of training texts of each clean class (rows) that carry each noisy label (columns), on {corpus} at the "
        f"highest rate of each noise kind ({results.name}): as the noise asks for it, where one matrix holds for all "
        "texts; as it came about; as methods estimated it. Means over seeds, in % where numbers are given; "
        "white is 0, black 1, the shade follows the root of the share."
    )
    return drawing(figure, f"transition-matrices-{corpus}", f"Transition matrices: {corpus}", caption)


def _panel(axes: Axes, matrix: Matrix | None) -> None:
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    if matrix is None:
        axes.text(0.5, 0.5, "none", ha="center", va="center", color="0.4", transform=axes.transAxes)
        return
    for spine in axes.spines.values():
        spine.set_visible(True)
    # The root lets one text in a hundred be seen where there are many classes.
    axes.imshow(matrix, cmap="Greys", norm=PowerNorm(0.5, vmin=0.0, vmax=1.0), interpolation="nearest")
    if len(matrix) <= MOST_NUMBERED:
        _number(axes, matrix)


def _number(axes: Axes, matrix: Matrix) -> None:
    for (row, column), share in np.ndenumerate(matrix):
        style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7}
        axes.text(column, row, f"{100 * share:.0f}", color="white" if share > DARK else "black", **style)
