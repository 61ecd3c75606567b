"""The mean gain of a method over the noises of one corpus.

Noises and rates of a corpus are one family. Under each seed a method's accuracy is
averaged over the noisy cells, and so is each test text's correctness, since all cells
have the same test texts. What holds within a cell then holds for these means: they are
paired by seed, and seeds that depend on each other across cells do no harm.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmark.analysis.scores.seed_arrays import SeedArrays
from benchmark.analysis.statistics import Comparison, compare_with_best, prior_of, sampled_variances
from benchmark.analysis.statistics.within import Correct
from benchmark.contracts.arrays import FloatArray


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
    means = {}
    for corpus, mine in cells[~cells["clean"]].groupby("corpus", sort=False):
        found = [scores[cell] for cell in mine.index if cell in scores and reference in scores[cell][0]]
        if found and len(found) == len(mine):
            averaged = _averaged(found)
            if reference in averaged[0]:
                means[str(corpus)] = averaged
    prior = prior_of([sampled_variances(values, reference) for values, _ in means.values()])
    return {
        corpus: {one.method: one for one in compare_with_best(values, bits, reference, prior)}
        for corpus, (values, bits) in means.items()
    }


def _averaged(cells: list[SeedArrays]) -> tuple[dict[str, FloatArray], dict[str, Correct]]:
    """Scores and correctness by method, means over cells where all are of one shape."""
    values: dict[str, FloatArray] = {}
    bits: dict[str, Correct] = {}
    for method in cells[0][0]:
        if any(method not in each[0] for each in cells):
            continue
        if len({len(each[0][method]) for each in cells}) == 1:
            values[method] = np.mean([each[0][method] for each in cells], axis=0)
        if len({each[1][method].shape if method in each[1] else None for each in cells}) == 1 and method in cells[0][1]:
            bits[method] = np.asarray(np.mean([each[1][method] for each in cells], axis=0))
    return values, bits
