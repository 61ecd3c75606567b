"""What methods gain against the time they take, as a picture within the page.

It is written by hand in SVG, so that it takes the colours of the page, light or dark,
and its bytes depend on the numbers alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from benchmark.analysis.figures.cost_by_accuracy import spread
from benchmark.analysis.layout.format import capitalised, signed
from benchmark.analysis.page.means import Standing, by_mean
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.verdict.prices import prices_in

FEWEST = 2
LEFT, PLOT, NAMES = 34.0, 270.0, 156.0
TOP, BOTTOM = 24.0, 40.0
LOWEST, ROW, RADIUS = 190.0, 16.0, 4.5
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
MOST_TICKS = 7
LONGEST_NAME = 22
SPACE = 1.3
"""The axis of time ends at the lowest and highest ratio by and times this."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A method in the picture: its time as a multiple of the reference's, and its gain
    in the unit of the metric with the ends of the interval, not numbers without one.
    """

    name: str
    ratio: float
    gain: float
    low: float = math.nan
    high: float = math.nan
    used: bool = False


def picture(results: ResultSet, found: Sequence[Standing]) -> Markup:
    """Give the picture of one corpus with intervals, of several by their mean gains
    without; nothing where fewer than two methods have a gain and a time.
    """
    spots = list(_spots(results, [one for one in found if one.gains]))
    if len(spots) <= FEWEST:
        return Markup("")
    unit = "points" if results.metric.unit == "points" else f"{results.metric.in_words} ({results.metric.unit})"
    return draw(spots, f"{unit} gained over {results.reference}", f"time, in multiples of {results.reference}'s")


def _spots(results: ResultSet, found: Sequence[Standing]) -> Iterator[Spot]:
    """Yield the reference and every compared method that has all corpora and a time."""
    noisy = results.noisy_cells.index
    ratios = prices_in(results, noisy).ratios
    scale, reference = results.metric.scale, results.reference
    for name in by_mean(tuple(found)):
        gains = [one.gains[name] for one in found if name in one.gains]
        ratio = ratios.get(name, math.nan)
        if name == reference:
            yield Spot(name, 1.0, 0.0, used=all(one.found.method == name for one in found))
        elif len(gains) == len(found) and ratio > 0:
            low, high = (gains[0].low, gains[0].high) if len(found) == 1 else (math.nan, math.nan)
            mean = float(np.mean([gain.difference for gain in gains]))
            used = len(found) == 1 and found[0].found.method == name
            yield Spot(name, ratio, scale * mean, scale * low, scale * high, used)


def draw(spots: Sequence[Spot], gained: str, time: str) -> Markup:
    """Draw spots, with their names in a column beside them.

    Parameters
    ----------
    spots : at least one.
    gained, time : what the axes measure, in words.
    """
    height = max(LOWEST, ROW * len(spots))
    low, high = min(spot.ratio for spot in spots) / SPACE, max(spot.ratio for spot in spots) * SPACE
    values = [value for spot in spots for value in (spot.gain, spot.low, spot.high) if math.isfinite(value)]
    ticks = gain_ticks(min(values), max(values))

    def x(ratio: float) -> float:
        return LEFT + PLOT * math.log(ratio / low) / math.log(high / low)

    def y(gain: float) -> float:
        return TOP + height * (ticks[-1] - gain) / (ticks[-1] - ticks[0])

    ordered = sorted(spots, key=lambda spot: (-spot.gain, spot.ratio, spot.name))
    places = spread(np.array([y(spot.gain) - TOP for spot in ordered]), ROW, height) + TOP
    parts = [
        *(_gain_axis(y(tick), tick) for tick in ticks),
        *(_time_axis(x(tick), TOP + height, tick) for tick in TICKS if low <= tick <= high),
        Markup('<text class="soft" x="0" y="12">{}</text>').format(gained),
        Markup('<text class="soft" x="{:.1f}" y="{:.1f}">{}</text>').format(LEFT, TOP + height + 34, time),
        *(_leader(x(one.ratio), y(one.gain), place) for one, place in zip(ordered, places, strict=True)),
        *(_spot(one, x(one.ratio), y, float(place)) for one, place in zip(ordered, places, strict=True)),
    ]
    size = f"0 0 {LEFT + PLOT + NAMES:.0f} {TOP + height + BOTTOM:.0f}"
    title = f"{capitalised(gained)} against {time}: {', '.join(map(_said, ordered))}"
    return Markup('<svg viewBox="{}" role="img" aria-label="{}"><title>{}</title>{}</svg>').format(
        size, title, title, Markup("").join(parts)
    )


def gain_ticks(low: float, high: float) -> list[float]:
    """Give round numbers that hold both ends between them, zero included.

    >>> gain_ticks(-1.2, 11.4)
    [-2, 0, 2, 4, 6, 8, 10, 12]
    """
    for step in STEPS:
        first, last = math.floor(min(low, 0.0) / step), math.ceil(max(high, 0.0) / step)
        if last - first <= MOST_TICKS:
            break
    return [round(step * place, 1) for place in range(first, max(last, first + 1) + 1)]


def _said(spot: Spot) -> str:
    return f"{spot.name} {signed(spot.gain)} at {spot.ratio:.1f}×"


def _gain_axis(y: float, tick: float) -> Markup:
    line = '<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>'
    text = '<text class="soft" text-anchor="end" x="{:.1f}" y="{:.1f}">{}</text>'
    kind = "zero" if tick == 0 else "grid"
    return Markup(line + text).format(kind, LEFT, LEFT + PLOT, y, y, LEFT - 5, y + 4, f"{tick:+g}" if tick else "0")


def _time_axis(x: float, bottom: float, tick: float) -> Markup:
    text = '<text class="soft" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}×</text>'
    line = '<line x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>'
    return Markup(line + text).format(x, x, TOP, bottom, x, bottom + 16, f"{tick:g}")


def _leader(x: float, y: float, place: float) -> Markup:
    right = LEFT + PLOT
    points = f"{x + RADIUS:.1f},{y:.1f} {right:.1f},{place:.1f} {right + 4:.1f},{place:.1f}"
    return Markup('<polyline points="{}"/>').format(points)


def _spot(spot: Spot, x: float, y: Callable[[float], float], place: float) -> Markup:
    """Draw the interval, the point and the name of one method."""
    name = spot.name if len(spot.name) <= LONGEST_NAME else f"{spot.name[: LONGEST_NAME - 1]}…"
    whisker = (
        Markup('<line class="whisker" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(
            x, x, y(spot.low), y(spot.high)
        )
        if math.isfinite(spot.low) and math.isfinite(spot.high)
        else ""
    )
    return Markup(
        '<g{}><title>{}</title>{}<circle cx="{:.1f}" cy="{:.1f}" r="{}"/><text x="{:.1f}" y="{:.1f}">{}</text></g>'
    ).format(
        Markup(' class="used"') if spot.used else "",
        _said(spot),
        whisker,
        x,
        y(spot.gain),
        RADIUS,
        LEFT + PLOT + 8,
        place + 4,
        name,
    )
