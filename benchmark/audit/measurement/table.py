"""The table of the measurement of detection."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmark.audit.measurement.measure import LATER, is_for_choice
from benchmark.audit.rule import RULE

RIVAL = "self_confidence"
"""The score of cleanlab that its own functions take by default."""

CELL = ["corpus", "noise"]


def detection_table(found: pd.DataFrame) -> str:
    """Write the findings as Markdown: the candidates, and `audit` beside cleanlab by
    cell.

    Parameters
    ----------
    found : the rows of `measure.as_rows`, of several cells and seeds.
    """
    cells = list(zip(found["corpus"], found["noise"], strict=True))
    frame = found.assign(choice=[is_for_choice(*cell) for cell in cells], later=[cell in LATER for cell in cells])
    return "\n".join(_lines(frame)) + "\n"


def count_table(counted: pd.DataFrame) -> str:
    """Write the counts as Markdown, a row a cell.

    Parameters
    ----------
    counted : the rows of counts of `measure.as_rows`, of several cells and seeds.
    """
    return "\n".join(_count_lines(counted)) + "\n"


def _count_lines(counted: pd.DataFrame) -> Iterator[str]:
    yield "# Counts of wrong labels without a checked row"
    yield ""
    yield (
        "Shares of wrong labels, means over seeds. Range: the lowest and the highest estimator and a margin of .1. "
        "Calibration error: of p_wrong over ten bins, by this estimate and by the true share."
    )
    yield ""
    yield "| corpus | noise | seeds | true | estimate | range | said | within | calibration error | at the true share |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    misses: dict[str, list[float]] = {"reliable": [], "unreliable": []}
    for (corpus, noise), cell in counted.groupby(CELL, sort=True):
        mean = cell.mean(numeric_only=True)
        said = "reliable" if cell["reliable"].mean() > 0.5 else "unreliable"
        misses[said].append(abs(mean["estimate"] - mean["true"]))
        within = "yes" if mean["lowest"] <= mean["true"] <= mean["highest"] else "no"
        yield (
            f"| {corpus} | {noise} | {len(cell)} | {mean['true']:.3f} | {mean['estimate']:.3f} | "
            f"{mean['lowest']:.2f} to {mean['highest']:.2f} | {said} | {within} | {mean['error']:.3f} | "
            f"{mean['at_truth']:.3f} |"
        )
    yield ""
    for said, errors in misses.items():
        if errors:
            yield (
                f"Said to be {said}: {len(errors)} cells; the estimate is off by {np.mean(errors):.3f} "
                f"on average and {max(errors):.3f} at most."
            )
            yield ""


def _lines(frame: pd.DataFrame) -> Iterator[str]:
    yield "# Detection of wrong labels"
    yield ""
    yield (
        "Average precision of scores that say how suspicious a label is; features of frozen:minilm, whose wrong labels "
        "are known by trusted ones. cleanlab 2.9.0 reads logistic regression in five folds on the same features."
    )
    observed = frame["noise"].str.startswith("observed")
    for title, part in (
        ("Observed noise, cells that were first measured after the rule was fixed", frame[frame["later"]]),
        (
            "Observed noise, the half that the rule was not chosen by",
            frame[observed & ~frame["choice"] & ~frame["later"]],
        ),
        ("Observed noise, the half that the rule was chosen by", frame[observed & frame["choice"]]),
        ("Injected noise on corpora that the rule was not chosen by", frame[~observed & ~frame["choice"]]),
        ("Injected noise, by which the rule was chosen, too", frame[~observed & frame["choice"]]),
    ):
        if len(part):
            yield ""
            yield f"## {title}"
            yield ""
            yield from _cells(part)
    yield ""
    yield "## Rules and detectors on the cells of the choice"
    yield ""
    yield from _names(frame[frame["choice"]])


def _cells(part: pd.DataFrame) -> Iterator[str]:
    yield (
        "| corpus | noise | seeds | wrong of scored | audit | cleanlab | its best | p | precision: audit | cleanlab | "
        "find_label_issues | best detector |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    ahead = 0
    for (corpus, noise), cell in part.groupby(CELL, sort=True):
        means = cell.groupby(["by", "name"])["average_precision"].mean()
        audit, rival = _of(cell, "rule", str(RULE)), _of(cell, "cleanlab", RIVAL)
        best = means["cleanlab"].idxmax()
        detector = means["detector"].idxmax()
        flagged = cell[cell["name"] == "find_label_issues"]["precision"].mean()
        mean, other = audit["average_precision"].mean(), rival["average_precision"].mean()
        ahead += mean > other
        values = [
            str(corpus),
            str(noise),
            str(cell["seed"].nunique()),
            f"{audit['wrong'].mean():.0f} of {audit['scored'].mean():.0f}",
            _bold(mean, other),
            _bold(other, mean),
            f"{means['cleanlab'][best]:.3f} ({best})",
            _p_value(audit, rival),
            *(f"{value:.3f}" for value in (audit["precision"].mean(), rival["precision"].mean(), flagged)),
            f"{means['detector'][detector]:.3f} ({detector})",
        ]
        yield f"| {' | '.join(values)} |"
    yield ""
    yield (
        f"`audit` is ahead of cleanlab's {RIVAL} in {ahead} of {part.groupby(CELL).ngroups} cells. p: two-sided paired "
        "t test over the seeds. Precision: among as many rows as are wrong; of find_label_issues among those that it "
        "flags."
    )


def _names(choice: pd.DataFrame) -> Iterator[str]:
    observed = choice["noise"].str.startswith("observed")
    by_cell = choice.assign(observed=observed).groupby(["by", "name", "observed", *CELL])["average_precision"].mean()
    means = by_cell.groupby(["by", "name", "observed"]).mean().unstack("observed").dropna()
    behind = behind_rivals(choice)
    order = means.mean(axis=1).sort_values(ascending=False).index
    yield "| kind | name | injected | observed | mean | cells behind the best of cleanlab |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for kind, name in order:
        row = means.loc[kind, name]
        shown = f"**{name}**" if name == str(RULE) else name
        yield f"| {kind} | {shown} | {row[False]:.3f} | {row[True]:.3f} | {row.mean():.3f} | {behind.get(name, 0)} |"
    yield ""
    yield (
        "Bold is the rule of `audit`. A rule is better with fewer cells behind, and of equal ones with the higher "
        "mean of the two columns. `plain` is the weight of the order by out-of-fold probabilities alone."
    )


def behind_rivals(choice: pd.DataFrame) -> dict[str, int]:
    """Count for each name the cells in which its mean is below the best mean of
    cleanlab's scores.
    """
    means = choice.groupby([*CELL, "by", "name"])["average_precision"].mean().dropna().reset_index()
    best = means[means["by"] == "cleanlab"].groupby(CELL)["average_precision"].max().rename("best").reset_index()
    beside = means.merge(best, on=CELL)
    behind = (beside["average_precision"] < beside["best"]).groupby(beside["name"]).sum()
    return {str(name): int(count) for name, count in behind.items()}


def _of(cell: pd.DataFrame, by: str, name: str) -> pd.DataFrame:
    return cell[(cell["by"] == by) & (cell["name"] == name)].sort_values("seed")


def _bold(value: float, other: float) -> str:
    return f"**{value:.3f}**" if value > other else f"{value:.3f}"


def _p_value(one: pd.DataFrame, other: pd.DataFrame) -> str:
    from scipy.stats import ttest_rel

    differences = one["average_precision"].to_numpy() - other["average_precision"].to_numpy()
    if len(differences) < 2 or np.ptp(differences) == 0:
        return "-"
    found = float(ttest_rel(one["average_precision"], other["average_precision"]).pvalue)
    return f"{found:.3f}" if found >= 0.001 else "<.001"
