"""What a method costs against what it gains, with the methods that no other one beats
in both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from benchmark.analysis.figures.drawing import LONGEST_LABEL, Drawing, colours, drawing, label, look
from benchmark.analysis.layout.format import plural, rule_name
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.averages import complete_means
from benchmark.analysis.tables.costs import cost_ratios
from benchmark.records.schema import HEADLINE_RULES

FEWEST_METHODS = 3
WIDTH, PLOT, LOWEST, ROW = 8.2, 4.4, 3.4, 0.19
LEFT, BOTTOM, TOP = 0.8, 0.6, 0.25
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def cost_by_accuracy(results: ResultSet) -> Iterator[Drawing]:
    """Yield a figure for each selection rule: median cost and mean accuracy over the
    noisy cells, beside the reference's.
    """
    for rule in HEADLINE_RULES:
        methods = _methods(results, rule)
        if len(methods) >= FEWEST_METHODS:
            with look():
                figure = _figure(results, rule, methods)
            yield figure


def pareto_front(cost: pd.Series, gain: pd.Series) -> list[str]:
    """Give the names, cheapest first, of those that no other one beats in gain without
    costing more.

    >>> cost = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    >>> pareto_front(cost, pd.Series({"a": 0.0, "b": 4.0, "c": 3.0}))
    ['a', 'b']
    """
    found: list[str] = []
    best = -np.inf
    for name in sorted(cost.index, key=lambda name: (cost[name], -gain[name], name)):
        if gain[name] > best:
            found.append(str(name))
            best = gain[name]
    return found


def _methods(results: ResultSet, rule: str) -> pd.DataFrame:
    """Give cost ratio and gain in the metric of the ranked methods that have every
    noisy cell of the reference in full.
    """
    means = complete_means(results, rule).loc[results.noisy_cells.index]
    if results.reference not in means:
        return pd.DataFrame()
    means = means[means[results.reference].notna()]
    reference = means[results.reference]
    means = means[[name for name in results.ranked if name in means]].dropna(axis=1)
    done = results.trials[(results.trials["status"] == "done") & results.trials["cell"].isin(means.index)]
    scale = results.metric.scale if results.metric.higher_is_better else -results.metric.scale
    found = pd.DataFrame({"gain": scale * means.sub(reference, axis=0).mean()})
    found["cost"] = cost_ratios(done[done["wall_s"].notna()], results.reference)
    found = found[found["cost"] > 0].dropna()
    found.attrs["cells"] = len(means)
    return found


def _figure(results: ResultSet, rule: str, methods: pd.DataFrame) -> Drawing:
    height = max(LOWEST, TOP + BOTTOM + ROW * (len(methods) + 1))
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((LEFT / WIDTH, BOTTOM / height, PLOT / WIDTH, 1 - (TOP + BOTTOM) / height))
    front = pareto_front(methods["cost"], methods["gain"])
    blue = colours()[0]
    costs, gains = methods.loc[front, "cost"].tolist(), methods.loc[front, "gain"].tolist()
    axes.set_xscale("log")
    axes.margins(0.08)
    axes.axhline(0, color="0.6", linewidth=0.8, zorder=1)
    others = methods.drop(index=front)
    axes.scatter(others["cost"], others["gain"], s=26, facecolor="white", edgecolor="0.35", zorder=3)
    axes.scatter(costs, gains, s=34, color=[blue], zorder=4)
    axes.plot([*costs, axes.get_xlim()[1]], [*gains, gains[-1]], drawstyle="steps-post", color=blue, zorder=2)
    axes.set_xlim(axes.get_xlim()[0], axes.get_xlim()[1])
    axes.xaxis.set_minor_locator(NullLocator())
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in TICKS if low <= tick <= high])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}×"))
    axes.set_xlabel(f"wall time beside {label(results.reference)}")
    gained = "gained" if results.metric.higher_is_better else "saved"
    axes.set_ylabel(f"{results.metric.in_words} {gained} ({results.metric.unit})")
    _name(axes, methods, front, results.reference)
    caption = (
        f"Mean test {results.metric.in_words} over {plural(methods.attrs['cells'], 'noisy cell')} against median wall "
        f"time, both beside {results.reference} in the same cells and seeds; {rule_name(rule)} ({results.name}). "
        "Filled, joined by the step line and bold: no other method gains more for less. "
        "Methods that lack a cell are left out."
    )
    title = f"Cost against {results.metric.in_words}: {rule_name(rule)}"
    return drawing(figure, f"cost-by-{results.metric.key}-{rule}", title, caption)


def _name(axes: Axes, methods: pd.DataFrame, front: list[str], reference: str) -> None:
    """Write names in a column on the right, in the order of the gain, each with a line
    to its point.
    """
    ordered = methods.sort_values(["gain", "cost"])
    bottom, top = axes.get_ylim()
    height = axes.get_position().height * axes.figure.get_size_inches()[1]  # type: ignore[union-attr]
    wanted = (ordered["gain"].to_numpy() - bottom) / (top - bottom) * height
    places = spread(wanted, ROW, height) / height
    for (name, method), place in zip(ordered.iterrows(), places, strict=True):
        bold = str(name) in front
        axes.annotate(
            label(str(name))[:LONGEST_LABEL] + (" (reference)" if name == reference else ""),
            xy=(method["cost"], method["gain"]),
            xytext=(1.05, place),
            textcoords="axes fraction",
            va="center",
            fontsize=8.5,
            weight="bold" if bold else "normal",
            arrowprops={"arrowstyle": "-", "color": "0.75", "linewidth": 0.6, "shrinkB": 3, "relpos": (0, 0.5)},
            annotation_clip=False,
        )


def spread(wanted: np.ndarray, step: float, height: float) -> np.ndarray:
    """Move ascending places apart to at least `step`, as near to the wanted ones as a
    sweep up and one down give.

    >>> spread(np.array([0.0, 0.1, 3.0]), 1.0, 3.0).tolist()
    [0.0, 1.0, 3.0]
    """
    places = np.array(wanted, dtype=np.float64)
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + step)
    ceiling = max(height, step * (len(places) - 1))
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], ceiling - step * (len(places) - 1 - i))
    return places
