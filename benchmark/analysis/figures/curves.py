"""Learning and memorisation curves, a figure a corpus: noise kinds across, measures
down.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchmark.analysis.figures.drawing import Drawing, drawing, look
from benchmark.analysis.figures.panels import add_legend, draw_lines, foremost, legend_inches, panel_grid
from benchmark.analysis.layout.format import seeds_text
from benchmark.analysis.points import curve_frame
from benchmark.analysis.result_set import ResultSet

MOST_KINDS = 3
MEASURES = {
    "test_accuracy": "test",
    "clean_valid_accuracy": "clean validation",
    "noisy_valid_accuracy": "noisy validation",
    "right_fitted": "right training labels",
    "wrong_fitted": "wrong training labels",
}
WORDS = "accuracy (points)\non {}"


def learning_curves(results: ResultSet) -> Iterator[Drawing]:
    """Yield a figure for each corpus with points of training, each noise kind at its
    highest rate.

    Measures that were taken at some points only are left out; training labels are there
    after a run with `--curves`.
    """
    shown = {*results.ranked, results.reference}
    for corpus in dict.fromkeys(results.cells["corpus"]):
        cells = results.hardest(str(corpus), MOST_KINDS)
        points = curve_frame([one for one in results.details_in(list(cells.index)) if one.method in shown])
        # A curve of one point is no curve: what is trained without points shows only its end.
        lengths = points.groupby(["cell", "method", "seed"])["fraction"].transform("nunique")
        points = points[lengths > 1]
        cells = cells[cells.index.isin(points["cell"])]
        if len(points):
            with look():
                figure = _figure(results, str(corpus), cells, points)
            yield figure


def _measures(points: pd.DataFrame) -> list[str]:
    """Choose what is drawn: training labels wherever they are, and of the others those
    seen at every point.

    Clean validation is drawn only for want of test labels.
    """
    training = [name for name in ("right_fitted", "wrong_fitted") if points[name].notna().any()]
    whole = [name for name in MEASURES if name not in training and points[name].notna().all()]
    if "test_accuracy" in whole:
        whole = [name for name in whole if name != "clean_valid_accuracy"]
    return [*whole, *training]


def _figure(results: ResultSet, corpus: str, cells: pd.DataFrame, points: pd.DataFrame) -> Drawing:
    measures = _measures(points)
    ends = points[points["fraction"] == points.groupby(["cell", "method"])["fraction"].transform("max")]
    shown = foremost(ends.pivot_table(index="cell", columns="method", values=measures[0]), results.reference)
    figure, panels = panel_grid(len(measures), len(cells), legend_inches(shown), sharex=True, sharey="row")
    for i, measure in enumerate(measures):
        for j, (cell, place) in enumerate(cells.iterrows()):
            draw_lines(panels[i, j], _lines(points[points["cell"] == cell], measure, shown), shown)
            panels[i, j].set_title(str(place["noise"]) if i == 0 else "", fontweight="bold")
            panels[i, j].set_xlabel("share of training" if i == len(measures) - 1 else "")
            panels[i, j].set_ylabel(WORDS.format(MEASURES[measure]) if j == 0 else "")
    add_legend(figure, panels, corpus)
    caption = (
        f"What was seen at each point of training on {corpus}, at the highest rate of each noise kind "
        f"({results.name}). Lines: mean over {seeds_text(*results.seed_range)}; bands: one standard deviation. The "
        "share is that of the stage that is scored, the last of two. Shown: the reference and the best others at the "
        "end."
    )
    return drawing(figure, f"learning-curves-{corpus}", f"Learning curves: {corpus}", caption)


def _lines(points: pd.DataFrame, measure: str, shown: list[str]) -> dict[str, pd.DataFrame]:
    found = points[points[measure].notna() & points["method"].isin(shown)]
    each = found.groupby(["method", "fraction"])[measure].agg(["mean", "std"]).reset_index()
    return {str(name): line.rename(columns={"fraction": "x"}) for name, line in each.groupby("method")}
