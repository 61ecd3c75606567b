"""The mean gain of a method over the noises of one corpus.

Noises and rates of a corpus are one family. Under each seed a method's accuracy is
averaged over the noisy cells, and so is each test text's correctness, since all cells
have the same test texts. What holds within a cell then holds for these means: they are
paired by seed, and seeds that depend on each other across cells do no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.analysis.scores.seed_arrays import SeedArrays
from benchmark.analysis.statistics import Comparison, Prior, compare_with_best, prior_of, sampled_variances
from benchmark.analysis.statistics.within import Correct
from benchmark.contracts.arrays import FloatArray


class MeanArrays(NamedTuple):
    """Means of several `SeedArrays`, by method.

    Scores are (seeds,) and correctness is (seeds, test rows).
    """

    scores: dict[str, FloatArray]
    correct: Mapping[str, Correct]


class MeanCorrectness(Mapping[str, Correct]):
    """Correctness that is averaged over cells and then over groups of them, by method.

    It is kept as counts, which take an eighth of the memory, and divided anew whenever
    it is asked for.
    """

    def __init__(self, groups: Sequence[Sequence[SeedArrays]], methods: Iterable[str]) -> None:
        self._cells = [len(group) for group in groups]
        self._counts = {method: [_counted(group, method) for group in groups] for method in methods}

    def __getitem__(self, method: str) -> Correct:
        counts = zip(self._counts[method], self._cells, strict=True)
        return np.asarray(np.mean([count / cells for count, cells in counts], axis=0))

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)


def _counted(cells: Sequence[SeedArrays], method: str) -> npt.NDArray[np.unsignedinteger]:
    """Count the cells in which a method was right, (seeds, test rows)."""
    kind = np.uint8 if len(cells) <= np.iinfo(np.uint8).max else np.uint32
    return np.asarray(np.sum([each.correct[method] for each in cells], axis=0, dtype=kind))


def compare_in_corpora(
    cells: pd.DataFrame, scores: Mapping[str, SeedArrays], reference: str
) -> dict[str, dict[str, Comparison]]:
    """Compare all methods with the reference by their means over a corpus' noisy cells.

    Parameters
    ----------
    cells : one row a cell, with `corpus` and `clean`.
    scores : by cell, scores and correctness of the methods that have every seed.
    reference : the method that the others are compared with.

    Returns
    -------
    By corpus and method. A method that lacks a noisy cell of the corpus is left out,
    and so is a corpus whose cells have different numbers of seeds.
    """
    found = cells_of_corpora(cells, scores, reference)
    prior = prior_of_scores([mean_scores(mine) for mine in found.values()], reference)
    return {corpus: compare_means(mean_of(mine), reference, prior) for corpus, mine in found.items()}


def compare_means(means: MeanArrays, reference: str, prior: Prior) -> dict[str, Comparison]:
    """Compare all methods with the reference by the means over the cells of a
    corpus.
    """
    return {one.method: one for one in compare_with_best(*means, reference, prior)}


def cells_of_corpora(
    cells: pd.DataFrame, scores: Mapping[str, SeedArrays], reference: str
) -> dict[str, list[SeedArrays]]:
    """Give the scores of the noisy cells of each corpus that can be compared.

    Parameters and what is left out are those of `compare_in_corpora`.
    """
    found = {}
    for corpus, mine in cells[~cells["clean"]].groupby("corpus", sort=False):
        those = [scores[cell] for cell in mine.index if cell in scores and reference in scores[cell].scores]
        if those and len(those) == len(mine) and reference in mean_scores(those):
            found[str(corpus)] = those
    return found


def prior_of_scores(scores: Sequence[Mapping[str, FloatArray]], reference: str) -> Prior:
    """Estimate what is known of variances between seeds from all corpora's mean
    scores.
    """
    return prior_of([sampled_variances(values, reference) for values in scores])


def mean_scores(several: Sequence[SeedArrays | MeanArrays]) -> dict[str, FloatArray]:
    """Average the scores of the methods that all have for as many seeds."""
    values: dict[str, FloatArray] = {}
    for method in _in_all(several):
        if len({len(each.scores[method]) for each in several}) == 1:
            values[method] = np.mean([each.scores[method] for each in several], axis=0)
    return values


def mean_of(several: Sequence[SeedArrays | MeanArrays]) -> MeanArrays:
    """Average scores and correctness of the methods that all have, in one shape."""
    bits: dict[str, Correct] = {}
    for method in _in_all(several):
        shapes = {each.correct[method].shape if method in each.correct else None for each in several}
        if len(shapes) == 1 and method in several[0].correct:
            bits[method] = np.asarray(np.mean([each.correct[method] for each in several], axis=0))
    return MeanArrays(mean_scores(several), bits)


def _in_all(several: Sequence[SeedArrays | MeanArrays]) -> list[str]:
    """Give the methods that have scores in each, in the order of the first."""
    return [method for method in several[0].scores if all(method in each.scores for each in several)]
