"""DyGen's dynamics of one training: right and wrong labels apart."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from benchmark.analysis.figures.drawing import Drawing, colours, drawing, label, look
from benchmark.analysis.figures.panels import add_title, panel_grid
from benchmark.contracts.arrays import BoolArray, FloatArray
from benchmark.records.training_dynamics import Dynamics

BINS = 40
MOST_MARKS = 1_500
PANEL_INCHES = (2.9, 2.9)


def draw_dynamics(found: Dynamics) -> Drawing:
    """Mean against deviation of the distances, the score of both together, and the
    trajectories' main plane.

    DyGen, arXiv:2305.19395, training dynamics.
    """
    with look():
        return _figure(found)


def _figure(found: Dynamics) -> Drawing:
    mean, deviation = found.distances.mean(axis=0), found.distances.std(axis=0, ddof=1)
    figure, panels = panel_grid(1, 3, inches=PANEL_INCHES)
    # Room for the labels of each panel's own axis.
    figure.subplots_adjust(wspace=0.32)
    _scatter(panels[0, 0], np.column_stack([mean, deviation]), found.wrong)
    panels[0, 0].set(xlabel="mean distance over the points", ylabel="standard deviation")
    panels[0, 0].legend(loc="best", fontsize=8)
    _histogram(panels[0, 1], mean + deviation, found.wrong)
    panels[0, 1].set(xlabel="mean + standard deviation", ylabel="share of texts (%)")
    panels[0, 1].set_title(f"AUROC {found.auroc:.2f}", fontsize=9)
    _scatter(panels[0, 2], found.plane, found.wrong)
    panels[0, 2].set(xlabel="first component", ylabel="second component")
    panels[0, 2].set_title(f"trajectories, {100 * found.explained:.0f} % of variance", fontsize=9)
    add_title(figure, panels, f"{label(found.corpus)}, {found.noise}")
    caption = (
        f"Training dynamics of {found.method} on {found.corpus} under {found.noise} (encoder {found.encoder}, seed "
        f"{found.seed}): {len(found.wrong)} training texts, {100 * found.wrong.mean():.0f} % with wrong labels, "
        f"{len(found.fractions)} points. Distances are those to the centre of the text's noisy class. "
        f"At most {MOST_MARKS} texts are drawn as marks; numbers and the middle panel are over all."
    )
    key = f"dynamics-{found.corpus}-{found.noise}"
    return drawing(figure, key, f"Training dynamics: {found.corpus}, {found.noise}", caption)


def _scatter(axes: Axes, places: FloatArray, wrong: BoolArray) -> None:
    every = max(1, -(-len(wrong) // MOST_MARKS))
    chosen = np.arange(len(wrong)) % every == 0
    right, false = places[~wrong & chosen], places[wrong & chosen]
    blue, orange = _two_colours()
    axes.scatter(
        right[:, 0],
        right[:, 1],
        label="right labels",
        marker="o",
        s=9,
        facecolor="none",
        edgecolor=[blue],
        linewidth=0.5,
    )
    axes.scatter(
        false[:, 0], false[:, 1], label="wrong labels", marker="^", s=13, color=[orange], linewidth=0, alpha=0.6
    )


def _histogram(axes: Axes, score: FloatArray, wrong: BoolArray) -> None:
    edges = np.linspace(score.min(), score.max(), BINS + 1)
    blue, orange = _two_colours()
    for rows, colour, dashes in ((~wrong, blue, "-"), (wrong, orange, (0, (4, 1.5)))):
        shares, _ = np.histogram(score[rows], edges)
        axes.stairs(100 * shares / max(rows.sum(), 1), edges, color=colour, linestyle=dashes, linewidth=1.4)


def _two_colours() -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return colours()[0], colours()[3]
