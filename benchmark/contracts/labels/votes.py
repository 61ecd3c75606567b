"""Many votes a row to one noisy label: the named choices.

Votes are int64 (N, R), a column a rule or person, -1 where it is silent. Every choice
gives int64 (N,), -1 where it gives no label. The same row gets the same label whatever
the other rows, but for the label model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts import UNLABELLED, LabelArray, uniform_by_id
from benchmark.contracts.arrays import FloatArray

AGGREGATION_VERSION = 1
"""Part of every card's digest: raised when the labels of the default choice move."""

Ties = Literal["lowest", "highest", "hash_of_id"]


def vote_counts(votes: LabelArray, num_classes: int) -> LabelArray:
    """How many votes each class has in each row, int64 (N, C).

    >>> vote_counts(np.array([[1, 1, 0], [-1, -1, -1]]), 2).tolist()
    [[1, 2], [0, 0]]
    """
    counts = np.zeros((len(votes), num_classes), dtype=np.int64)
    rows, columns = np.nonzero(votes != UNLABELLED)
    np.add.at(counts, (rows, votes[rows, columns]), 1)
    return counts


def tied_winners(counts: LabelArray) -> npt.NDArray[np.bool_]:
    """The classes with the most votes of each row, bool (N, C).

    None where nobody voted.
    """
    most = counts.max(axis=1, keepdims=True)
    winners: npt.NDArray[np.bool_] = (counts == most) & (most > 0)
    return winners


def shares(votes: LabelArray, num_classes: int) -> FloatArray:
    """Give each class's probability to be the majority with drawn ties, float64 (N, C).

    Tied classes have equal shares. Rows without a vote have zeros.

    One minus the mean share of the clean label, over rows with a vote, is the noise
    rate by share: the mean rate of labels whose ties are drawn.
    """
    winners = tied_winners(vote_counts(votes, num_classes))
    probabilities: FloatArray = winners / np.maximum(winners.sum(axis=1, keepdims=True), 1)
    return probabilities


def majority(votes: LabelArray, ids: Sequence[str], num_classes: int, ties: Ties = "hash_of_id") -> LabelArray:
    """The class with the most votes of each row.

    Ties go to the lowest or highest class, or are drawn.

    A draw is made by a hash of the row's id, so that it depends neither on a seed nor
    on the other rows.

    >>> votes = np.array([[1, 1, 0], [-1, -1, -1], [0, 1, -1]])
    >>> majority(votes, ["a", "b", "c"], 2, "highest").tolist()
    [1, -1, 1]
    """
    winners = tied_winners(vote_counts(votes, num_classes))
    if ties == "lowest":
        labels = winners.argmax(axis=1)
    elif ties == "highest":
        labels = num_classes - 1 - winners[:, ::-1].argmax(axis=1)
    else:
        chosen = np.floor(uniform_by_id(ids, "votes", "tie") * winners.sum(axis=1)).astype(np.int64)
        labels = (winners.cumsum(axis=1) > chosen[:, None]).argmax(axis=1)
    return np.where(winners.any(axis=1), labels, UNLABELLED).astype(np.int64)


def untied(votes: LabelArray, num_classes: int) -> LabelArray:
    """The class with the most votes, where it is one alone.

    >>> untied(np.array([[1, 1, 0], [0, 1, -1]]), 2).tolist()
    [1, -1]
    """
    winners = tied_winners(vote_counts(votes, num_classes))
    return np.where(winners.sum(axis=1) == 1, winners.argmax(axis=1), UNLABELLED).astype(np.int64)


def agreeing(votes: LabelArray, num_classes: int) -> LabelArray:
    """The class that all who vote name.

    >>> agreeing(np.array([[1, 1, -1], [1, 1, 0]]), 2).tolist()
    [1, -1]
    """
    named = vote_counts(votes, num_classes) > 0
    return np.where(named.sum(axis=1) == 1, named.argmax(axis=1), UNLABELLED).astype(np.int64)


def one_vote(votes: LabelArray, uniform: FloatArray) -> LabelArray:
    """Give one of the votes of each row, each vote as likely as the others.

    `uniform` holds one draw in [0, 1) for each row.

    >>> votes = np.array([[-1, 2, 2, 0], [-1, -1, -1, -1]])
    >>> one_vote(votes, np.array([0.9, 0.5])).tolist()
    [0, -1]
    """
    given = votes != UNLABELLED
    chosen = np.floor(uniform * given.sum(axis=1)).astype(np.int64)
    column = (given.cumsum(axis=1) > chosen[:, None]).argmax(axis=1)
    labels: LabelArray = votes[np.arange(len(votes)), column]
    return labels


def fill(labels: LabelArray, num_classes: int, uniform: FloatArray) -> LabelArray:
    """The labels, with a class at random in each row that has none; `uniform`: a draw
    in [0, 1) a row.

    >>> fill(np.array([1, -1]), 4, np.array([0.9, 0.5])).tolist()
    [1, 2]
    """
    return np.where(labels == UNLABELLED, np.floor(uniform * num_classes), labels).astype(np.int64)
