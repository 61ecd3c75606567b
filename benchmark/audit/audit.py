"""From a table to what an audit says of each of its labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.audit.count import Count, rows_to_check
from benchmark.audit.detectors.dup_conflict import near_duplicates
from benchmark.audit.heads import Features
from benchmark.audit.neighbours import find_neighbours, that_disagree
from benchmark.audit.opinions.crowdlab import Consensus
from benchmark.audit.opinions.opinion import count_wrong, form_opinion
from benchmark.audit.opinions.outside import outside_scores
from benchmark.audit.opinions.posterior import TopClasses, confusion
from benchmark.audit.progress import Progress, silent
from benchmark.audit.reading import LabelledTable
from benchmark.audit.rule import RULE, Models, fit_models
from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray

SURE = 0.5
"""From this probability of a wrong label on, the proposed label is taken."""

FEWEST_LISTED, MOST_LISTED = 100, 10_000
MOST_COMPARED = 60_000
"""The most rows of which each is compared with all others."""

Told = Callable[[str], Progress]
"""Gives for the name of a step what is told how far it is."""


@dataclass(frozen=True)
class Pair:
    """Two near-duplicates, by place in the table, with different labels."""

    one: int
    other: int


@dataclass(frozen=True)
class Audit:
    """What an audit says; all arrays are in the order of the table.

    Parameters
    ----------
    table : the rows.
    proposed : int64 (N,), the likeliest class other than the given one, or the
        likeliest of all where no label is given.
    p_wrong : float64 (N,), the probability that the given label is wrong. NaN without
        one.
    order : places of labelled rows, most suspicious first.
    count : how many labels are wrong.
    near : int64 (S, 3), for each of the first S rows of `order`, the places of the
        nearest rows with another label, -1 where there are no more.
    confused : float64 (C, C), expected texts by given label and true class.
    duplicates : near-duplicates with different labels.
    to_check : places of the rows that a person should review.
    checked : the right label, by place, of the rows that a person reviewed.
    consensus : what annotators and models say together, where rows have several votes.
    outside : float64 (N,), how little each labelled text is like any class, NaN of
        others; None where it was not asked for.
    contradicted : float64 (N,), how far given probabilities are from those of models
        that did not see the row, NaN without a label; None where labels are no
        probabilities.
    """

    table: LabelledTable
    proposed: LabelArray
    p_wrong: FloatArray
    order: LabelArray
    count: Count
    near: LabelArray
    confused: FloatArray
    duplicates: tuple[Pair, ...]
    to_check: LabelArray
    checked: Mapping[int, int]
    consensus: Consensus | None = None
    outside: FloatArray | None = None
    contradicted: FloatArray | None = None

    @property
    def labelled(self) -> int:
        """How many rows have a given label."""
        return len(self.order)

    def corrected(self) -> LabelArray:
        """Give the proposed label where the given one is likelier wrong than right or
        is not there, else the given one.

        Test rows always keep theirs.
        """
        taken = np.isnan(self.p_wrong) | (self.p_wrong > SURE)
        return np.where(taken & ~self.table.test, self.proposed, self.table.labels)


def audit_table(
    table: LabelledTable,
    features: Features,
    checked: Mapping[int, int] | None = None,
    told: Told = lambda step: silent,
    seed: int = 0,
) -> Audit:
    """Audit every label of a table.

    Parameters
    ----------
    table : the rows. Those without a label get a proposal alone.
    features : float32 (N, D), of the rows' texts.
    checked : by place, the right label of a reviewed row, which is what is proposed
        for it. Those among `rows_to_check` were drawn at random, and decide the count.
    told : is told how far each step is.
    seed : names the random draws of the models.

    Returns
    -------
    The audit, the same for the same table, features and seed.
    """
    labelled = np.flatnonzero(table.labels >= 0)
    labels, classes = table.labels[labelled], len(table.label_names)
    own = np.ascontiguousarray(features[labelled], dtype=np.float32)
    groups = [table.texts[row] for row in labelled]
    models = fit_models(RULE.sources, own, labels, classes, groups, seed, told)
    thought = form_opinion(table, models, own, labelled, told("weighing labels"))
    to_check = rows_to_check(table.texts, table.labels)
    reviewed = {row: right != int(table.labels[row]) for row, right in (checked or {}).items()}
    known = {int(np.searchsorted(labelled, row)): wrong for row, wrong in reviewed.items()}
    drawn = [reviewed[row] for row in to_check.tolist() if row in reviewed]
    count = count_wrong(thought, models, own, labels, classes, drawn)
    wrong = thought.p_wrong(count, known)
    order = np.lexsort((-thought.score, -wrong))
    listed = min(len(order), MOST_LISTED, max(FEWEST_LISTED, 2 * count.number(len(order))[2]))
    near = that_disagree(own, labels, order[:listed], progress=told("finding texts that disagree"))
    duplicates = _duplicates(own, labels, labelled, groups, told("finding near-duplicates"))
    proposed = np.empty(len(table), dtype=np.int64)
    proposed[labelled] = thought.others
    for row, is_wrong in reviewed.items():
        proposed[row] = (checked or {})[row] if is_wrong else proposed[row]
    outside = _at(labelled, len(table), outside_scores(thought.surest))
    rest = np.flatnonzero(table.labels < 0)
    proposed[rest] = _predicted(models, features, rest)
    return Audit(
        table=table,
        proposed=proposed,
        p_wrong=_at(labelled, len(table), wrong),
        order=labelled[order],
        count=count,
        near=np.where(near >= 0, labelled[near], -1),
        confused=_confused(thought.classes, wrong, labels, classes),
        duplicates=duplicates,
        to_check=to_check,
        checked=dict(checked or {}),
        consensus=thought.consensus and thought.consensus.at(labelled, len(table)),
        outside=outside,
        contradicted=None if thought.contradicted is None else _at(labelled, len(table), thought.contradicted),
    )


def _at(places: LabelArray, rows: int, values: FloatArray) -> FloatArray:
    """Put values at their places of a table of so many rows, NaN elsewhere."""
    found = np.full(rows, np.nan)
    found[places] = values
    return found


def _predicted(models: Models, features: Features, rows: LabelArray) -> LabelArray:
    """Give the likeliest class of rows without a label."""
    if not len(rows) or models.held_out is None:
        return np.zeros(0, dtype=np.int64)
    parts = []
    for start in range(0, len(rows), 1_000):
        chosen = np.ascontiguousarray(features[rows[start : start + 1_000]], dtype=np.float32)
        believed = np.log(models.trainings["generalized"].mean_probabilities(chosen) + 1e-7)
        parts.append((believed + np.log(models.held_out.unseen(chosen) + 1e-7)).argmax(axis=1))
    return np.concatenate(parts)


def _confused(found: TopClasses, wrong: FloatArray, labels: LabelArray, num_classes: int) -> FloatArray:
    """Give expected texts by given label and true class, (C, C), by the calibrated
    probabilities.
    """
    others = found.probabilities[:, 1:]
    shares = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-300)
    whole = np.column_stack([1.0 - wrong, wrong[:, None] * shares])
    return confusion(TopClasses(found.classes, whole), labels, num_classes)


def _duplicates(
    features: Features, labels: LabelArray, labelled: LabelArray, texts: Sequence[str], progress: Progress
) -> tuple[Pair, ...]:
    """Find nearly equal texts with different labels.

    Of very many texts those are found that are equal but for case and blanks.
    """
    if len(features) > MOST_COMPARED:
        one, other = _equal_texts(texts)
    else:
        one, other = near_duplicates(find_neighbours(features, progress=progress))
    differ = (labels[one] != labels[other]) & (one < other)
    return tuple(Pair(int(labelled[a]), int(labelled[b])) for a, b in zip(one[differ], other[differ], strict=True))


def _equal_texts(texts: Sequence[str]) -> tuple[LabelArray, LabelArray]:
    """Give pairs of places of texts that are equal but for case and blanks, each with
    the last such text before it.
    """
    last: dict[str, int] = {}
    pairs = []
    for place, text in enumerate(texts):
        folded = " ".join(text.casefold().split())
        if folded in last:
            pairs.append((last[folded], place))
        last[folded] = place
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
