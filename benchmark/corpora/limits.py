"""A corpus cut to fewer rows, for demonstrations and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from benchmark.contracts import BenchmarkError, UnknownNameError, uniform_by_id
from benchmark.corpora.corpus import SPLITS, Corpus, Split


def limit_corpus(corpus: Corpus, limits: Mapping[str, int]) -> Corpus:
    """The corpus with at most `limits[split]` rows a split, in their order.

    Splits without a limit stay whole.

    The rows with the smallest hash of their id stay: the choice depends neither on a
    seed nor on the order of rows, and a smaller limit keeps a subset of a larger one's
    rows.
    """
    for name, limit in limits.items():
        if name not in SPLITS:
            raise UnknownNameError("split", name, SPLITS)
        if limit < 1:
            raise BenchmarkError(f"The limit of split '{name}' is {limit} but must be at least 1.")
    splits = {
        name: _cut(split, name, limits[name]) if name in limits else split for name, split in corpus.splits.items()
    }
    return replace(corpus, splits=splits)


def _cut(split: Split, name: str, limit: int) -> Split:
    if limit >= len(split):
        return split
    hashes = uniform_by_id(split.ids, "limit", name)
    return split.rows(np.sort(np.argsort(hashes, kind="stable")[:limit]))
