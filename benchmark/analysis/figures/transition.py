"""A transition matrix as a heat map: which class is labelled as which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from benchmark.analysis.figures.drawing import Drawing, drawing, label, look

CELL_INCHES, LETTER_INCHES = 0.42, 0.075
FEWEST_INCHES = 2.2
MOST_CLASSES_WITH_NUMBERS = 30
SMALLEST_WRITTEN = 0.005


def transition_figure(
    matrix: Sequence[Sequence[float]], label_names: Sequence[str], key: str, title: str, caption: str
) -> Drawing:
    """Draw the share of texts of each class (rows) by the label that they carry
    (columns), (C, C), rows summing to one.
    """
    shares, names = np.asarray(matrix), [label(name) for name in label_names]
    classes = len(shares)
    side = max(FEWEST_INCHES, CELL_INCHES * classes)
    margin = 0.55 + LETTER_INCHES * max(map(len, names))
    width, height = side + margin + 0.3, side + margin + 0.5
    with look():
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((margin / width, margin / height, side / width, side / height))
        axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, aspect="equal")
        axes.grid(visible=False)
        axes.set_xticks(range(classes), names, rotation=90)
        axes.set_yticks(range(classes), names)
        axes.set_xlabel("noisy label")
        axes.set_ylabel("clean label")
        axes.set_title(label(title), fontweight="bold")
        for k, j in np.argwhere(shares >= SMALLEST_WRITTEN) if classes <= MOST_CLASSES_WITH_NUMBERS else ():
            colour = "white" if shares[k, j] > 0.5 else "black"
            axes.text(j, k, f"{100 * shares[k, j]:.0f}", ha="center", va="center", color=colour, fontsize=8)
        return drawing(figure, key, title, caption)
