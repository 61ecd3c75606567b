"""Ways to choose a method on some seeds, scored on the others.

Each way gives, for a cell and a half of its seeds, how much what it chose gained over
the reference under the seeds that did not choose: an array with a value for each
headline rule. A way chooses and is scored under the same rule, but for the verdict,
which reads both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.verdict.families import families, families_over
from benchmark.analysis.verdict.prices import prices_in
from benchmark.analysis.verdict.report_card.cells import CellScores, Half
from benchmark.analysis.verdict.rule import choose
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.seeds import generator

CHECKED = (10, 25, 50, 100, 200)
DRAWS = 6
LARGEST_SHARE = 2
"""Checked rows are at most one in so many test rows, so that some are left to score."""

Chosen = Mapping[str, str]
"""The method that was chosen, by cell."""


def verdicts(results: ResultSet, half: Half) -> dict[str, Chosen]:
    """Apply the rule of the verdict to the seeds that choose.

    Returns
    -------
    What it chose by cell, each cell a family of its own, and each kind of noise of a
    corpus.
    """
    some = _of_seeds(results, half.choosing)
    noisy = some.cells[~some.cells["clean"]]
    alone = families_over(some, noisy.assign(corpus=noisy.index), some.column)
    by_cell: dict[str, str] = {}
    by_corpus: dict[str, str] = {}
    equal = results.metric.practically_equal
    for family in alone:
        by_cell[family.corpus] = choose(family, prices_in(some, [family.corpus]).ratios, equal).method
    for family in families(some):
        cells = family.cells(some)
        chosen = choose(family, prices_in(some, cells).ratios, equal).method
        by_corpus |= dict.fromkeys(cells, chosen)
    return {"the verdict, by cell": by_cell, "the verdict, by corpus and kind of noise": by_corpus}


def _of_seeds(results: ResultSet, seeds: Sequence[int]) -> ResultSet:
    return dataclasses.replace(results, frame=results.frame[results.frame["seed"].isin(seeds)])


def gain_of(cell: CellScores, method: str, half: Half) -> FloatArray:
    """Give the gain of a method under the scoring seeds, shape (rules,)."""
    place = cell.methods.index(method) if method in cell.methods else 0
    return _gains(cell, half)[:, place]


def by_labels(cell: CellScores, half: Half) -> dict[str, FloatArray]:
    """Choose the highest mean by clean test labels, by noisy validation labels, and in
    hindsight by all seeds.
    """
    gains, choosing = _gains(cell, half), _places(cell, half.choosing)
    ways = {
        "highest mean by clean test labels": cell.scores[:, :, choosing],
        "highest mean by noisy validation labels": cell.valid[:, :, choosing],
        "best in hindsight": cell.scores,
    }
    return {name: _picked(gains, told.mean(axis=2)) for name, told in ways.items()}


def by_checked(cell: CellScores, half: Half) -> Iterator[tuple[int, FloatArray]]:
    """Choose by so many random test rows, and score by the rows that are left.

    The first method in the cell's order wins a tie, the reference before all.
    """
    if cell.right is None:
        return
    total = cell.right.sum(axis=3, dtype=np.int64)
    rows = cell.right.shape[3]
    for draw in range(DRAWS):
        order = generator("checked labels", cell.cell, draw).permutation(rows)
        for size in CHECKED:
            some = order[: min(size, rows // LARGEST_SHARE)]
            hits = cell.right[:, :, :, some].sum(axis=3, dtype=np.int64)
            rest = (total - hits) / (rows - len(some))
            gains = _over_reference(rest[:, :, _places(cell, half.scoring)])
            yield size, _picked(gains, hits[:, :, _places(cell, half.choosing)].sum(axis=2))


def _gains(cell: CellScores, half: Half) -> FloatArray:
    return _over_reference(cell.scores[:, :, _places(cell, half.scoring)])


def _over_reference(scores: FloatArray) -> FloatArray:
    """Give gains (rules, methods) of scores (rules, methods, seeds)."""
    means = scores.mean(axis=2)
    gains: FloatArray = means - means[:, :1]
    return gains


def _places(cell: CellScores, seeds: Sequence[int]) -> list[int]:
    return [cell.seeds.index(seed) for seed in seeds]


def _picked(gains: FloatArray, told: FloatArray) -> FloatArray:
    """Give of each rule the gain of the method that was told to be highest."""
    picked: FloatArray = np.take_along_axis(gains, told.argmax(axis=1)[:, None], axis=1)[:, 0]
    return picked
