"""Many votes a row to one noisy label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.contracts import UNLABELLED, LabelArray, uniform_by_id

VOTES_VERSION = 1


def majority(votes: LabelArray, ids: Sequence[str], num_classes: int) -> LabelArray:
    """The class with the most votes of each row; -1 where nobody voted.

    `votes`: int64 (N, V), -1 is no vote. A draw goes to one of the tied classes by a hash of the row's id, so that it
    depends neither on a seed nor on the other rows.

    >>> majority(np.array([[1, 1, 0], [-1, -1, -1]]), ["a", "b"], 2).tolist()
    [1, -1]
    """
    counts = (votes[:, :, None] == np.arange(num_classes)).sum(axis=1)
    most = counts.max(axis=1)
    tied = (counts == most[:, None]) & (most[:, None] > 0)
    chosen = np.floor(uniform_by_id(ids, "votes", "tie") * tied.sum(axis=1)).astype(np.int64)
    labels = (tied.cumsum(axis=1) > chosen[:, None]).argmax(axis=1)
    return np.where(most > 0, labels, UNLABELLED).astype(np.int64)
