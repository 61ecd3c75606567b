"""Sources of observed noise beside each other: how much is wrong, and whether it can be
told.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.analysis.figures.drawing import MARKERS, Drawing, colours, drawing, label, look

WIDTH, ROW, MARGIN = 8.2, 0.2, 1.0
NAMES = 2.4
CHANCE = 0.5
PALETTE = 128
CAPTION = (
    "Left: the share of wrong labels of each source (marker), from its best to its worst class (line). Right: the "
    "ROC area by which a classifier of TF-IDF, trained on trusted labels of other texts, tells wrong labels from "
    "right ones. The dashed line is chance. Marker and colour say who made the labels."
)


def noise_kinds_figure(rows: Sequence[Mapping[str, Any]]) -> Drawing:
    """Draw two panels with a line a source, in the given order from top to bottom."""
    height = MARGIN + ROW * max(len(rows), 1)
    makers = sorted({row["made_by"] for row in rows})
    with look():
        figure = Figure(figsize=(WIDTH, height))
        left, right = figure.subplots(1, 2, sharey=True)
        figure.subplots_adjust(
            left=NAMES / WIDTH, right=0.98, bottom=0.5 / height, top=1 - (MARGIN - 0.5) / height, wspace=0.06
        )
        for number, maker in enumerate(makers):
            chosen = [(place, row) for place, row in enumerate(rows) if row["made_by"] == maker]
            style = {"color": colours()[number], "marker": MARKERS[number], "linestyle": "none", "markersize": 5}
            _draw(left, right, chosen, style, maker or "unknown")
        right.axvline(CHANCE, color="0.4", linestyle=(0, (5, 2)), linewidth=0.8)
        left.set_yticks(range(len(rows)), [label(f"{row['corpus']} ({row['source']})") for row in rows], fontsize=8)
        left.set_ylim(len(rows) - 0.5, -0.5)
        left.set_xlim(-0.02, 1.02)
        left.set_xlabel("share of wrong labels")
        right.set_xlabel("ROC area")
        names = left.get_legend_handles_labels()
        figure.legend(*names, loc="upper right", ncols=len(makers), frameon=False, fontsize=8.5)
        return drawing(figure, "noise-kinds", "Kinds of observed noise", CAPTION)


def in_few_colours(png: bytes, palette: int = PALETTE) -> bytes:
    """Write the same picture with a palette of so many colours, in a fraction of the
    bytes.
    """
    from PIL import Image

    sink = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(palette, dither=Image.Dither.NONE).save(sink, "PNG", optimize=True)
    return sink.getvalue()


def _draw(
    left: Axes, right: Axes, chosen: Sequence[tuple[int, Mapping[str, Any]]], style: Mapping[str, Any], maker: str
) -> None:
    for place, row in chosen:
        left.plot([row["best_rate"], row["worst_rate"]], [place, place], color=style["color"], linewidth=1, alpha=0.5)
    left.plot([row["rate"] for _, row in chosen], [place for place, _ in chosen], label=maker, **style)
    told = [(place, row["roc_area"]) for place, row in chosen if row["roc_area"] is not None]
    right.plot([area for _, area in told], [place for place, _ in told], **style)
