"""The nearest other rows of every row by cosine, in chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.audit.detectors import Neighbours
from benchmark.audit.heads import Features
from benchmark.audit.progress import Progress, chunks, silent
from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray

COUNT = 10
SHOWN = 3


def find_neighbours(features: Features, count: int = COUNT, progress: Progress = silent) -> Neighbours:
    """Find the `count` nearest other rows by cosine, or all others where there are
    fewer.

    Parameters
    ----------
    features : float32 (N, D), N >= 2.
    count : how many neighbours of a row are wanted.
    progress : is told which share of the rows is done.

    Returns
    -------
    Row numbers and cosine distances, nearest first.
    """
    unit = _unit(features)
    total = len(unit)
    count = min(count, total - 1)
    rows, distances = np.empty((total, count), dtype=np.int64), np.empty((total, count))
    for part in chunks(total, total, progress):
        alike = unit[part] @ unit.T
        alike[np.arange(len(alike)), np.arange(part.start, part.stop)] = -np.inf
        near = rows[part] = highest(alike, count)
        distances[part] = np.maximum(1.0 - np.take_along_axis(alike, near, axis=1), 0.0)
    return Neighbours(rows, distances)


def neighbour_shares(found: Neighbours, labels: LabelArray, rows: slice, shares: FloatArray) -> FloatArray:
    """Give the classes' shares of the neighbours' votes, (n, C), of a slice of rows.

    A vote weighs one minus its distance, and two votes are added by the class shares.
    """
    voted = labels[found.rows[rows]]
    votes = np.zeros((len(voted), len(shares)))
    np.add.at(votes, (np.arange(len(voted))[:, None], voted), 1.0 - found.distances[rows])
    count = voted.shape[1]
    votes *= count / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray((votes + 2 * shares) / (count + 2), dtype=np.float64)


def that_disagree(
    features: Features, labels: LabelArray, asked: LabelArray, wanted: int = SHOWN, progress: Progress = silent
) -> LabelArray:
    """Give the nearest rows with another label, int64 (len(asked), wanted), -1 where
    there are no more.
    """
    unit = _unit(features)
    found = np.full((len(asked), wanted), -1, dtype=np.int64)
    for part in chunks(len(asked), len(unit), progress):
        alike = unit[asked[part]] @ unit.T
        alike[labels[asked[part]][:, None] == labels] = -np.inf
        count = min(wanted, len(unit))
        near = highest(alike, count)
        found[part, :count] = np.where(np.take_along_axis(alike, near, axis=1) > -np.inf, near, -1)
    return found


def highest(values: npt.NDArray[np.floating[Any]], count: int) -> LabelArray:
    """Give the columns of the highest values of each row, highest first."""
    if count == values.shape[1]:
        return np.argsort(-values, axis=1, kind="stable")
    found = np.argpartition(-values, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(values, found, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(found, order, axis=1), dtype=np.int64)


def _unit(features: Features) -> Features:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: Features = features / np.maximum(lengths, 1e-12)
    return unit
