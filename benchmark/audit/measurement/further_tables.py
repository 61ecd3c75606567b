"""The tables of the measurements of votes and of texts of no class."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchmark.audit.measurement.foreign import CHOSEN_BY, FIRST, OUTSIDE
from benchmark.audit.measurement.table import CELL


def votes_table(voted: pd.DataFrame) -> str:
    """Write the audits of tables with votes as Markdown, a row a table.

    Parameters
    ----------
    voted : rows as `annotated.Voted` has them, of several tables and seeds.
    """
    return "\n".join(_vote_lines(voted)) + "\n"


def foreign_table(told: pd.DataFrame) -> str:
    """Write the scores of texts of no class as Markdown, a row a cell.

    Parameters
    ----------
    told : rows as `foreign.Told` has them, of several cells and seeds.
    """
    return "\n".join(_foreign_lines(told)) + "\n"


def _vote_lines(voted: pd.DataFrame) -> Iterator[str]:
    yield "# Audits of tables with several votes a row"
    yield ""
    yield (
        "Means over seeds, which change models and not votes. Order by: what decides the order of the audit. Average "
        "precision of both orders, by CROWDLAB and by texts alone, and of that by the shares of the votes as given "
        "probabilities. Right: the shares of right labels of the most "
        "frequent vote, of the consensus and of `corrected_label`. Expected: the count with its bounds, as shares."
    )
    yield ""
    yield (
        "| corpus | votes of | rows | annotators | seeds | wrong | order by | precision: votes | texts | shares | "
        "right: majority | consensus | corrected | expected | said |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (corpus, noise), cell in voted.groupby(CELL, sort=True):
        mean = cell.mean(numeric_only=True)
        values = [
            str(corpus),
            str(noise),
            f"{mean['rows']:.0f}",
            f"{mean['annotators']:.0f}",
            str(len(cell)),
            f"{mean['wrong']:.3f}",
            "votes" if mean["by_votes"] > 0.5 else "texts",
            *(f"{mean[name]:.3f}" for name in ("votes", "texts", "soft", "majority", "consensus", "corrected")),
            f"{mean['expected']:.2f} ({mean['lowest']:.2f} to {mean['highest']:.2f})",
            "reliable" if mean["reliable"] > 0.5 else "unreliable",
        ]
        yield f"| {' | '.join(values)} |"
    yield ""
    yield "The condition by which votes decide the order was made by looking at these tables."


def _foreign_lines(told: pd.DataFrame) -> Iterator[str]:
    yield "# Texts that belong to no class"
    yield ""
    yield (
        "The last fifth of the classes was taken out of a corpus, and some of its texts were left in under other "
        f"labels. Means over seeds. `{OUTSIDE}` is the score of an audit; beside it are the highest probability of a "
        "class when the row is held out and when it is trained on, and the mean distance to the ten nearest texts. "
        f"First: how many of the first {FIRST} rows are foreign."
    )
    chosen = told["corpus"].isin(CHOSEN_BY)
    for title, part in (
        ("Corpora that the score was not chosen by", told[~chosen]),
        ("Corpora that the score was chosen by, by one seed", told[chosen]),
    ):
        if len(part):
            yield from ("", f"## {title}", "")
            yield from _cells(part)


def _cells(part: pd.DataFrame) -> Iterator[str]:
    scores = list(dict.fromkeys(part["score"]))
    columns = ["corpus", "noise", "seeds", "rows", "foreign", "average precision", "first"]
    columns += [f"ROC area: {scores[0]}", *scores[1:]]
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for (corpus, noise), cell in part.groupby(CELL, sort=True):
        mean = cell.groupby("score").mean(numeric_only=True)
        own = mean.loc[OUTSIDE]
        values = [
            str(corpus),
            str(noise),
            str(cell["seed"].nunique()),
            f"{own['rows']:.0f}",
            f"{own['foreign']:.3f}",
            f"{own['average_precision']:.3f}",
            f"{own['first']:.1f}",
            *(f"{mean.loc[score]['area']:.3f}" for score in scores),
        ]
        yield f"| {' | '.join(values)} |"
