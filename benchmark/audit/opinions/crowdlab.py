"""CROWDLAB: consensus labels and the quality of annotators, by their votes and a
classifier (Goh, Tkachenko & Mueller, 2022, arXiv:2210.06812).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmark.audit.progress import chunks
from benchmark.contracts import UNLABELLED, LabelArray
from benchmark.contracts.arrays import BoolArray, FloatArray

SMALLEST = 1e-6
"""The least weight of a classifier or annotator, and the least error that weights are
measured by.
"""

LEAST_TELLING = 0.2
"""The least mean weight of a vote with which votes tell anything."""

Probabilities = Callable[[slice], FloatArray]
"""Gives class probabilities, (n, C), of a slice of rows, by a classifier that was
fitted without them.
"""


@dataclass(frozen=True)
class Consensus:
    """What the annotators and a classifier say together.

    `labels`: int64 (N,), -1 without a vote. `quality`: float64 (N,), the probability
    that the label is right, NaN without a vote; `given_quality`: likewise of the label
    that the row was given, NaN without one. Of each of the R annotators:
    `annotator_quality`, `agreement` (the share of their votes that are the consensus),
    `weight`, `votes` (how many they gave), and `worst` (the class whose votes agree the
    least, -1 without votes). `model_weight` is that of the classifier, and
    `votes_a_row` the mean number of votes.
    """

    labels: LabelArray
    quality: FloatArray
    given_quality: FloatArray
    annotator_quality: FloatArray
    agreement: FloatArray
    weight: FloatArray
    votes: LabelArray
    worst: LabelArray
    model_weight: float
    votes_a_row: float

    @property
    def is_telling(self) -> bool:
        """Whether the votes of a row outweigh the classifier, and annotators agree with
        each other more than if all named the most frequent class.
        """
        weight = float(np.average(self.weight, weights=self.votes))
        return weight >= LEAST_TELLING and weight * self.votes_a_row > self.model_weight

    def at(self, places: LabelArray, rows: int) -> Consensus:
        """Put the same at these places of a table of so many rows."""
        labels, quality, given = np.full(rows, UNLABELLED, np.int64), np.full(rows, np.nan), np.full(rows, np.nan)
        labels[places], quality[places], given[places] = self.labels, self.quality, self.given_quality
        return replace(self, labels=labels, quality=quality, given_quality=given)


@dataclass(frozen=True)
class _Votes:
    """The votes one by one: who gave which label to which row, and of which rows there
    are several.
    """

    row: LabelArray
    who: LabelArray
    label: LabelArray
    sizes: LabelArray
    annotators: int
    num_classes: int

    @property
    def several(self) -> BoolArray:
        """Which rows have several votes."""
        return self.sizes > 1

    @property
    def mean_size(self) -> float:
        """The mean number of votes of the rows that have some."""
        return float(self.sizes[self.sizes > 0].mean())

    def mean_by_annotator(self, values: FloatArray | BoolArray, counted: FloatArray | BoolArray) -> FloatArray:
        """Give the mean of a value of each vote by annotator, NaN where none counts."""
        total = np.bincount(self.who, weights=values * counted, minlength=self.annotators)
        count = np.bincount(self.who, weights=counted, minlength=self.annotators)
        return np.asarray(np.where(count > 0, total / np.maximum(count, SMALLEST), np.nan))


@dataclass(frozen=True)
class _Weights:
    """How much is trusted in the classifier, in each annotator, and in a vote."""

    model: float
    annotator: FloatArray
    right: float


def crowdlab(votes: LabelArray, given: LabelArray, num_classes: int, probabilities: Probabilities) -> Consensus | None:
    """Give the consensus of annotators and a classifier.

    Parameters
    ----------
    votes : int64 (N, R), -1 where an annotator is silent.
    given : int64 (N,), the label that each row was given, -1 for none.
    num_classes : C >= 2.
    probabilities : of the classifier.

    Returns
    -------
    The consensus, or None where no row has votes of two annotators, so that nothing
    tells how good they are.

    The label is the likeliest class under the weighted mean of the classifier's
    probabilities and of the votes, each vote a distribution that is right with the mean
    agreement of votes with the consensus. Weights are relative to always naming the
    most frequent class.
    """
    row, who = np.nonzero(votes != UNLABELLED)
    sizes = np.bincount(row, minlength=len(votes))
    every = _Votes(row, who, votes[row, who], sizes, votes.shape[1], num_classes)
    if not every.several.any():
        return None
    predicted, majority = _majority(every, probabilities)
    first = _weigh(every, majority, predicted)
    labels, *_ = _posterior(every, first, probabilities, given)
    weights = _weigh(every, labels, predicted)
    _, quality, of_votes = _posterior(every, weights, probabilities, labels)
    _, given_quality, _ = _posterior(every, weights, probabilities, given)
    agrees = every.label == labels[every.row]
    by_model, by_others = every.mean_by_annotator(of_votes, np.ones(len(row))), _overlapping(every, agrees)
    share = weights.model / (weights.model + weights.annotator.sum() * every.mean_size / every.annotators)
    return Consensus(
        labels=labels,
        quality=quality,
        given_quality=given_quality,
        annotator_quality=np.where(np.isnan(by_others), by_model, share * by_model + (1 - share) * by_others),
        agreement=every.mean_by_annotator(agrees, np.ones(len(row))),
        weight=weights.annotator,
        votes=np.bincount(who, minlength=every.annotators),
        worst=_worst(every, agrees),
        model_weight=weights.model,
        votes_a_row=every.mean_size,
    )


def _overlapping(votes: _Votes, agrees: BoolArray) -> FloatArray:
    """Give the mean agreement with the consensus on rows with several votes, (R,)."""
    return votes.mean_by_annotator(agrees, votes.several[votes.row])


def _majority(votes: _Votes, probabilities: Probabilities) -> tuple[LabelArray, LabelArray]:
    """Give the classifier's classes, and the classes with most votes, of which the
    classifier chooses one where they tie.
    """
    predicted, majority = np.empty(len(votes.sizes), dtype=np.int64), np.empty(len(votes.sizes), dtype=np.int64)
    for rows in chunks(len(votes.sizes), votes.num_classes):
        believed = probabilities(rows)
        inside = (votes.row >= rows.start) & (votes.row < rows.stop)
        counts = np.zeros(believed.shape)
        np.add.at(counts, (votes.row[inside] - rows.start, votes.label[inside]), 1.0)
        predicted[rows] = believed.argmax(axis=1)
        majority[rows] = (counts + believed / 2).argmax(axis=1)
    return predicted, np.where(votes.sizes > 0, majority, UNLABELLED)


def _weigh(votes: _Votes, consensus: LabelArray, predicted: LabelArray) -> _Weights:
    several, agrees = votes.several, votes.label == consensus[votes.row]
    per_row = np.bincount(votes.row, weights=agrees, minlength=len(votes.sizes))[several] / votes.sizes[several]
    shared = consensus[several]
    baseline = max(float(np.mean(shared != np.bincount(shared).argmax())), SMALLEST)
    among = _agreement_with_others(votes)
    among = np.where(np.isnan(among), np.nanmean(among), among)
    model = max(1.0 - float(np.mean(predicted[several] != shared)) / baseline, SMALLEST)
    return _Weights(
        model=model * votes.mean_size**0.5,
        annotator=np.maximum(1.0 - (1.0 - among) / baseline, SMALLEST),
        right=float(per_row.mean()),
    )


def _agreement_with_others(votes: _Votes) -> FloatArray:
    """Tell how often each annotator agrees with another one on the same row, (R,)."""
    key = votes.row * votes.num_classes + votes.label
    _, place, alike = np.unique(key, return_inverse=True, return_counts=True)
    others = votes.sizes[votes.row] - 1
    shares = (alike[place] - 1) / np.maximum(others, 1)
    return votes.mean_by_annotator(shares, others.astype(np.float64))


def _posterior(
    votes: _Votes, weights: _Weights, probabilities: Probabilities, labels: LabelArray
) -> tuple[LabelArray, FloatArray, FloatArray]:
    """Give the likeliest classes, (N,), the probability of the labels, (N,), and that
    of each vote.
    """
    total = len(votes.sizes)
    best, quality = np.full(total, UNLABELLED, dtype=np.int64), np.full(total, np.nan)
    of_votes = np.empty(len(votes.row))
    wrong = (1.0 - weights.right) / (votes.num_classes - 1)
    for rows in chunks(total, votes.num_classes):
        inside = np.flatnonzero((votes.row >= rows.start) & (votes.row < rows.stop))
        place, label, weight = votes.row[inside] - rows.start, votes.label[inside], weights.annotator[votes.who[inside]]
        found = weights.model * probabilities(rows)
        sums = np.bincount(place, weights=weight, minlength=len(found))
        found += (wrong * sums)[:, None]
        np.add.at(found, (place, label), weight * (weights.right - wrong))
        found /= (weights.model + sums)[:, None]
        best[rows] = found.argmax(axis=1)
        quality[rows] = found[np.arange(len(found)), labels[rows]]
        of_votes[inside] = found[place, label]
    known = (votes.sizes > 0) & (labels != UNLABELLED)
    return np.where(votes.sizes > 0, best, UNLABELLED), np.where(known, quality, np.nan), of_votes


def _worst(votes: _Votes, agrees: BoolArray) -> LabelArray:
    """Give of each annotator the class whose votes agree least with the consensus, of
    equal ones that with most votes.
    """
    key = votes.who * votes.num_classes + votes.label
    met, place, count = np.unique(key, return_inverse=True, return_counts=True)
    share = np.bincount(place, weights=agrees, minlength=len(met)) / np.maximum(count, 1)
    worst = np.full(votes.annotators, UNLABELLED, dtype=np.int64)
    for number in np.lexsort((count, -share)).tolist():
        worst[met[number] // votes.num_classes] = met[number] % votes.num_classes
    return worst
