"""The table of the measurement of calibration."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchmark.audit.count import MARGIN
from benchmark.audit.measurement.table import CELL


def calibration_table(binned: pd.DataFrame) -> str:
    """Write expected and true numbers of wrong labels as Markdown, a row a cell.

    Parameters
    ----------
    binned : rows as `calibration.Binned` has them, of several cells and seeds.
    """
    return "\n".join(_lines(binned)) + "\n"


def was_right(cells: pd.DataFrame) -> pd.Series:
    """Tell whether the word on the count was right.

    `reliable` is right where the count misses by at most a tenth of the rows,
    `unreliable` where it misses by more.
    """
    return (cells["miss"] <= MARGIN) == cells["reliable"]


def _lines(binned: pd.DataFrame) -> Iterator[str]:
    rows = binned.groupby([*CELL, "seed", "checked"], sort=True)["rows"].sum().rename("scored").reset_index()
    runs = binned.drop_duplicates([*CELL, "seed", "checked"]).merge(rows, on=[*CELL, "seed", "checked"])
    unaided, aided = runs[runs["checked"] == 0], runs[runs["checked"] > 0]
    yield "# Calibration: expected and true numbers of wrong labels"
    yield ""
    yield (
        "Means over seeds. Said: whether the page calls the count reliable, in most seeds. Right: in how many seeds "
        "this was so, as it missed by at most .1 of the rows where it was called reliable, and by more where not. "
        "Error: the expected calibration error of p_wrong over ten bins. Fifty checked: twenty draws a seed of rows "
        "whose true label is given, the other rows scored. The picture has the bins."
    )
    yield ""
    yield "![p_wrong beside the share of wrong labels](calibration.png)"
    yield ""
    yield (
        "| corpus | noise | seeds | rows | wrong | expected | said | right | error | fifty checked: off by | "
        "interval held | error |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (corpus, noise), cell in unaided.groupby(CELL, sort=True):
        helped = aided[(aided["corpus"] == corpus) & (aided["noise"] == noise)]
        scored = cell["scored"].mean()
        values = [
            str(corpus),
            str(noise),
            str(len(cell)),
            f"{scored:.0f}",
            f"{cell['true'].mean() * scored:.0f}",
            f"{cell['expected'].mean() * scored:.0f}",
            "reliable" if cell["reliable"].mean() > 0.5 else "unreliable",
            f"{int(was_right(cell).sum())} of {len(cell)}",
            f"{cell['error'].mean():.3f}",
            f"{helped['miss'].mean() * scored:.0f}",
            f"{helped['held'].mean():.0%}",
            f"{helped['error'].mean():.3f}",
        ]
        yield f"| {' | '.join(values)} |"
    yield ""
    yield from _summary(unaided, aided)


def _summary(unaided: pd.DataFrame, aided: pd.DataFrame) -> Iterator[str]:
    right = was_right(unaided)
    for word, said in (("reliable", True), ("unreliable", False)):
        told = right[unaided["reliable"] == said]
        if len(told):
            held = int(unaided.loc[told.index, "held"].sum())
            yield (
                f"Called {word}: {len(told)} cells and seeds; this was right of {int(told.sum())}. The bounds held the "
                f"true number in {held}."
            )
            yield ""
    yield (
        f"With fifty checked rows the interval holds the true share in {aided['held'].mean():.1%} of the draws, the "
        f"count misses by {aided['miss'].mean():.3f} of the rows instead of {unaided['miss'].mean():.3f}, and the "
        f"calibration error is {aided['error'].mean():.3f} instead of {unaided['error'].mean():.3f}."
    )
