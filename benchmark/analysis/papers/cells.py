"""Where a paper's cells are among the measured ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from benchmark.analysis.layout.grid import score_text
from benchmark.analysis.papers.spec import Ablation, Paper, PaperCorpus, PaperTable
from benchmark.analysis.result_set import ResultSet

FINE_TUNED = "fine-tuned"


@dataclass(frozen=True, slots=True)
class Place:
    """One cell of a paper's table: the corpus that stands for the paper's, and the
    measured cell, each if any.
    """

    corpus: str
    noise: str
    measured: str = ""
    cell: str | None = None


def fine_tuned(results: ResultSet) -> bool:
    """Tell whether published figures of fine-tuned models may stand beside this
    setting.
    """
    return results.recipe.startswith(FINE_TUNED)


def narrowed(results: ResultSet, methods: Sequence[str]) -> ResultSet:
    """Give the setting with these methods alone, so that nothing else is best or
    compared.
    """
    return replace(results, frame=results.frame[results.frame["method"].isin(methods)])


def places_of(table: PaperTable, results: ResultSet) -> list[Place]:
    """Give the cells of a table in its order, measured or not."""
    return [place for corpus in table.corpora for place in _places(corpus, table.noises, results)]


def ablation_places(paper: Paper, results: ResultSet) -> list[Place]:
    """Give the measured cells under the ablation's noises."""
    corpora = [corpus for table in paper.tables for corpus in table.corpora]
    found = [place for corpus in corpora for place in _places(corpus, paper.ablation.noises, results)]
    return [place for place in found if place.cell is not None]


def ablation_methods(ablation: Ablation) -> tuple[str, ...]:
    """Give the methods of the ablation's rows."""
    return tuple(row.method for row in ablation.rows)


def cell_of(results: ResultSet, corpus: str, noise: str) -> str | None:
    """Give the id of a measured cell, if there is one."""
    if results.frame.empty:
        return None
    cells = results.cells
    found = cells.index[(cells["corpus"] == corpus) & (cells["noise"] == noise)]
    return str(found[0]) if len(found) else None


def score_of(results: ResultSet, rule: str, cell: str, method: str) -> pd.Series[Any] | None:
    """Give a method's row of `ResultSet.scores` in a cell, or None where it never ran
    there.
    """
    scores = results.scores(rule)
    found = scores[
        (scores.index.get_level_values("cell") == cell) & (scores.index.get_level_values("method") == method)
    ]
    return None if found.empty else found.iloc[0]


def seeds_of(results: ResultSet, cell: str) -> int:
    """Tell how many seeds a cell has."""
    return int(results.cells["seeds"][cell])


def measured_text(results: ResultSet, rule: str, cell: str | None, method: str) -> str:
    """Write nothing where the cell was not measured at all, 0/n where others were
    measured in it.
    """
    if cell is None:
        return ""
    score = score_of(results, rule, cell, method)
    return f"(0/{seeds_of(results, cell)})" if score is None else score_text(score, results.metric)


def stand_in(corpus: PaperCorpus, trials: pd.DataFrame) -> str:
    """Give the corpus at hand with most finished trials, of equals the nearest to the
    paper's; empty if none has any.
    """
    done = trials.loc[trials["status"] == "done", "corpus"].value_counts()
    best = max(corpus.measured, key=lambda name: int(done.get(name, 0)))
    return best if done.get(best, 0) else ""


def _places(corpus: PaperCorpus, noises: Sequence[str], results: ResultSet) -> list[Place]:
    name = stand_in(corpus, results.trials)
    return [Place(corpus.name, noise, name, cell_of(results, name, noise)) for noise in noises]
