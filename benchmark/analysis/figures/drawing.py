"""What all figures share: one look, and files whose bytes depend on the data alone."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib

matplotlib.use("Agg")
import seaborn as sns
from matplotlib.figure import Figure

from benchmark.analysis.figures.fonts import letters_cut_once

STYLE = {
    "svg.hashsalt": "benchmark",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "grid.color": "0.92",
    "axes.spines.top": False,
    "axes.spines.right": False,
    # Where a title stands is otherwise sought anew in every pass over a figure.
    "axes.titley": 1.0,
}
DOTS_PER_INCH = 150
COORDINATES = re.compile(rb' (?:d|x|y)="[^"]*"|translate\([^)]*\)')
INDENTATION = re.compile(rb">\s*\n\s*<")
MORE_DIGITS = re.compile(rb"(\.\d\d)\d+")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[str | tuple[int, tuple[int, ...]], ...] = (
    "-",
    (0, (5, 2)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1)),
    (0, (8, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
MOST_LINES = len(MARKERS)
LONGEST_LABEL = 36


@dataclass(frozen=True, slots=True)
class Drawing:
    """One finished figure: a key unique in its setting, what it shows in words, and its
    bytes in three formats.

    `group` heads the figures of one kind on the page.
    """

    key: str
    title: str
    caption: str
    png: bytes
    svg: bytes
    pdf: bytes
    group: str = ""

    def files(self) -> dict[str, bytes]:
        """Give the bytes by the suffix of their file."""
        return {".png": self.png, ".svg": self.svg, ".pdf": self.pdf}


@contextmanager
def look() -> Iterator[None]:
    """Draw and save every figure under the same settings of matplotlib.

    Of a letter that the font lacks nothing is said: it is drawn as a box, and the
    warning would hold the letter itself.
    """
    settings: dict[Any, Any] = sns.axes_style("whitegrid") | sns.plotting_context("paper", font_scale=1.1) | STYLE
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def colours() -> list[tuple[float, float, float]]:
    """Give a palette that the colour-blind can tell apart.

    Markers and dashes say the same in black and white.
    """
    return [tuple(colour) for colour in sns.color_palette("colorblind", MOST_LINES)]


def label(name: str) -> str:
    """Give a name for a legend, not too long, and without a leading underscore, for
    which matplotlib would hide it.
    """
    short = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
    return f" {short}" if short.startswith("_") else short


def drawing(figure: Figure, key: str, title: str, caption: str) -> Drawing:
    """Give the figure as PNG, SVG and PDF without dates or versions.

    The title up to its colon is the group.
    """
    nameless: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    saved = {}
    for kind, metadata in nameless.items():
        sink = io.BytesIO()
        with letters_cut_once():
            figure.savefig(sink, format=kind, dpi=DOTS_PER_INCH, metadata=metadata)
        saved[kind] = sink.getvalue()
    saved["svg"] = compact(saved["svg"])
    return Drawing(key, title, caption, **saved, group=title.partition(":")[0])


def compact(svg: bytes) -> bytes:
    """Write the same picture in fewer bytes: coordinates are cut to hundredths of a
    point, and nothing is indented.

    >>> compact(b'<path d="M 1.23456 7\\nL 2 3.1" transform="scale(0.015625)"/>')
    b'<path d="M 1.23 7 L 2 3.1" transform="scale(0.015625)"/>'
    """
    cut = COORDINATES.sub(lambda found: MORE_DIGITS.sub(rb"\1", found[0].replace(b"\n", b" ")), svg)
    return INDENTATION.sub(b">\n<", cut)
