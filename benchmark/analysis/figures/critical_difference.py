"""Average ranks with the critical difference, only where the blocks can decide
anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from benchmark.analysis.figures.drawing import Drawing, drawing, label, look
from benchmark.analysis.layout.format import plural, rule_name
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics import Across
from benchmark.analysis.statistics.across import LEVEL
from benchmark.records.schema import HEADLINE_RULES

FEWEST_METHODS = 3
WIDTH, NAMES, SIDE, HEAD, ROW, BAR_STEP = 7.8, 2.7, 0.3, 0.75, 0.24, 0.11
"""Inches: of the figure, of the names on each side, and of its rows."""
LETTERS = 8.5

Scale = Callable[[float], float]


def critical_difference(results: ResultSet) -> Iterator[Drawing]:
    """Yield a diagram for each selection rule whose family of comparisons can reach the
    5 % level.
    """
    for rule in HEADLINE_RULES:
        across = results.across(rule)
        methods = len(across.ranks)
        if not across.decidable or methods < FEWEST_METHODS:
            continue
        difference = nemenyi_difference(methods, len(across.blocks))
        # A difference as wide as the scale could set no two methods apart.
        if difference < methods - 1:
            with look():
                figure = _figure(results, across, rule, difference)
            yield figure


def nemenyi_difference(methods: int, blocks: int, level: float = LEVEL) -> float:
    """Give the smallest difference of average ranks that Nemenyi's test of all pairs
    calls significant.

    Demšar, JMLR 2006, section 3.2.2: q sqrt(k (k + 1) / (6 N)), q the studentised range
    over the root of two.

    >>> round(nemenyi_difference(methods=4, blocks=14), 2)
    1.25
    """
    q = float(stats.studentized_range.isf(level, methods, math.inf)) / math.sqrt(2)
    return q * math.sqrt(methods * (methods + 1) / (6 * blocks))


def groups(ranks: list[float], difference: float) -> list[tuple[int, int]]:
    """Give the first and last place of every longest run of ascending ranks whose ends
    differ by less than the difference.

    >>> groups([1.0, 1.5, 2.4, 4.0], 1.0)
    [(0, 1), (1, 2)]
    """
    found: list[tuple[int, int]] = []
    for first, rank in enumerate(ranks):
        last = max(place for place in range(first, len(ranks)) if ranks[place] - rank < difference)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found


def _figure(results: ResultSet, across: Across, rule: str, difference: float) -> Drawing:
    ordered = sorted(across.ranks.items(), key=lambda item: (item[1], item[0]))
    bars = groups([rank for _, rank in ordered], difference)
    below = 0.25 + BAR_STEP * len(bars)
    height = HEAD + below + ROW * -(-len(ordered) // 2) + 0.15
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEAD - height, HEAD)
    at = _scale(len(ordered))
    _draw_axis(axes, at, len(ordered), difference)
    for place, (first, last) in enumerate(bars):
        ends = [at(ordered[first][1]) - 0.04, at(ordered[last][1]) + 0.04]
        axes.plot(ends, [-0.16 - BAR_STEP * place] * 2, color="0.1", linewidth=3.2, solid_capstyle="butt")
    claimed = {comparison.method for comparison in across.comparisons if comparison.claim}
    _draw_names(axes, at, ordered, below, across.reference, claimed)
    caption = (
        f"Average ranks over {plural(len(across.blocks), 'block')} (corpus by noise kind), {rule_name(rule)} "
        f"({results.name}); 1 is best. Exploratory: a bar joins methods whose ranks differ by less than the critical "
        f"difference {difference:.2f} of Nemenyi's test of all pairs at 5 %. Bold: the reference; a star marks methods "
        "that differ from it by signed-rank tests with Holm's correction, which is the test that counts."
    )
    title = f"Average ranks with the critical difference: {rule_name(rule)}"
    return drawing(figure, f"critical-difference-{rule}", title, caption)


def _scale(methods: int) -> Scale:
    """Give the map from a rank to inches from the left."""
    return lambda rank: NAMES + (WIDTH - 2 * NAMES) * (rank - 1) / (methods - 1)


def _draw_axis(axes: Axes, at: Scale, methods: int, difference: float) -> None:
    axes.plot([at(1), at(methods)], [0, 0], color="0.1", linewidth=1.2)
    step = max(1, round(methods / 10))
    for rank in sorted({1, methods, *range(1, methods - step // 2, step)}):
        axes.plot([at(rank), at(rank)], [0, 0.07], color="0.1", linewidth=1.0)
        axes.text(at(rank), 0.1, str(rank), ha="center", va="bottom", fontsize=LETTERS)
    axes.plot([at(1), at(1 + difference)], [0.42, 0.42], color="0.1", linewidth=1.4, marker="|", markersize=6)
    axes.text(at(1), 0.47, f"critical difference {difference:.2f}", ha="left", va="bottom", fontsize=LETTERS)


def _draw_names(
    axes: Axes, at: Scale, ordered: list[tuple[str, float]], below: float, reference: str, claimed: set[str]
) -> None:
    """Draw the better half on the left from the top, and the others on the right from
    the bottom, so that no lines cross.
    """
    half = -(-len(ordered) // 2)
    for place, (name, rank) in enumerate(ordered):
        left = place < half
        y = -below - ROW * (place if left else len(ordered) - 1 - place)
        edge = NAMES - SIDE if left else WIDTH - NAMES + SIDE
        axes.plot([at(rank), at(rank), edge], [0, y, y], color="0.35", linewidth=0.8)
        words = [f"{label(name)}{'*' if name in claimed else ''}", f"{rank:.2f}"]
        axes.text(
            edge + (-0.06 if left else 0.06),
            y,
            "  ".join(words if left else reversed(words)),
            ha="right" if left else "left",
            va="center",
            weight="bold" if name == reference else "normal",
            fontsize=LETTERS,
        )
