"""The measurement of calibration: what `p_wrong` says beside what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.audit.count import TO_CHECK, Count, calibrated, checked_count, count_by, in_order
from benchmark.audit.held_out import softmax
from benchmark.audit.measurement.measure import Labelled, Sources, calibration_error
from benchmark.audit.rule import RULE, combine
from benchmark.contracts import LabelArray, generator
from benchmark.contracts.arrays import BoolArray, FloatArray

BINS = 10
DRAWS = 20
"""How often fifty rows are drawn to be checked, in one cell and seed."""


@dataclass(frozen=True)
class Binned:
    """The scored rows of one cell and seed whose `p_wrong` lies in one of ten bins.

    Parameters
    ----------
    checked : how many rows a person checked; 0, or fifty, and then all numbers are
        means over the draws, of the other rows.
    bin : the bin's number, from 0.
    rows : how many rows are in it.
    believed, wrong : the means of `p_wrong` and of what is wrong in it, 0 without rows.
    error : the expected calibration error of all bins.
    true, expected : the share of wrong labels of the cell, and that which is expected.
    miss : the distance of both.
    held : in which share of the draws the interval holds the true share.
    reliable : whether the count is said to be reliable.
    """

    corpus: str
    noise: str
    seed: int
    checked: int
    bin: int
    rows: float
    believed: float
    wrong: float
    error: float
    true: float
    expected: float
    miss: float
    held: float
    reliable: bool


def measure_calibration(corpus: str, noise: str, seed: int, rows: Labelled, sources: Sources) -> Iterator[Binned]:
    """Yield the bins of one cell and seed, without checked rows and with fifty.

    `sources` are those of the rule, by name.
    """
    count = count_by(softmax(sources["held_out"](slice(0, len(rows.labels)))), rows.labels, len(rows.labels))
    judged = combine(RULE, sources, rows.labels, rows.num_classes)
    believed, scored = in_order(judged.classes.of_given, judged.suspicion), np.flatnonzero(rows.scored)
    unaided = [(count, calibrated(believed, count)[scored], rows.wrong)]
    draws = generator("calibration", corpus, noise, seed)
    aided = [_checked(believed, scored, rows.wrong, draws.permutation(len(scored))) for _ in range(DRAWS)]
    for checked, looks in ((0, unaided), (TO_CHECK, aided)):
        for number, (size, mean, wrong) in enumerate(_bins(looks)):
            yield Binned(corpus, noise, seed, checked, number, size, mean, wrong, *_told(looks, rows.wrong))


Look = tuple[Count, FloatArray, BoolArray]
"""A count, `p_wrong` of some rows, and which of them are wrong."""


def _checked(believed: FloatArray, scored: LabelArray, wrong: BoolArray, order: LabelArray) -> Look:
    """Give what is said of the other rows once the first fifty in this order are
    checked.
    """
    seen, rest = order[:TO_CHECK], order[TO_CHECK:]
    count = checked_count(wrong[seen])
    known = {int(scored[place]): bool(wrong[place]) for place in seen}
    return count, calibrated(believed, count, known)[scored[rest]], wrong[rest]


def _bins(looks: Sequence[Look]) -> Iterator[tuple[float, float, float]]:
    probabilities = np.concatenate([found for _, found, _ in looks])
    wrong = np.concatenate([truth for _, _, truth in looks])
    place = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    for number in range(BINS):
        inside = place == number
        rows = float(inside.sum())
        means = (float(probabilities[inside].mean()), float(wrong[inside].mean())) if rows else (0.0, 0.0)
        yield rows / len(looks), *means


def _told(looks: Sequence[Look], wrong: BoolArray) -> tuple[float, float, float, float, float, bool]:
    """Give error, true share, expected share, miss, share of intervals that hold,
    word.
    """
    true, counts = float(wrong.mean()), [count for count, _, _ in looks]
    return (
        float(np.mean([calibration_error(found, truth, BINS) for _, found, truth in looks])),
        true,
        float(np.mean([count.share for count in counts])),
        float(np.mean([abs(count.share - true) for count in counts])),
        float(np.mean([count.lowest <= true <= count.highest for count in counts])),
        counts[0].reliable,
    )
