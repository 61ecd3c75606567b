"""Exact counts, which grow with the rate, of the labels of each class that turn wrong,
and the choice of these labels.
"""

from __future__ import annotations

import heapq

import numpy as np

from benchmark.contracts import BenchmarkError, LabelArray
from benchmark.contracts.arrays import BoolArray, FloatArray


def flip_count(rate: float, size: int) -> int:
    """Give round(rate · N), halves upwards; a rate outside [0, 1) is an error."""
    if not 0.0 <= rate < 1.0:
        raise BenchmarkError(f"A noise rate lies in [0, 1); {rate:g} was given.")
    return int(np.floor(rate * size + 0.5))


def check_classes(rate: float, num_classes: int) -> None:
    """Refuse fewer than two classes where labels are to turn wrong."""
    if rate and num_classes < 2:
        raise BenchmarkError(f"Noise at a rate of {rate:g} needs at least two classes; there is {num_classes}.")


def quotas(rate: float, class_counts: LabelArray) -> LabelArray:
    """Give the number of examples to flip in each class, int64 (C,).

    They are round(rate · N) in all, and each class is within one of its share. Classes
    take turns by earliest deadline: unit j of class k may come after turn (j - 1) · N /
    N_k and falls due at turn j · N / N_k (proportionate progress: Baruah et al.,
    Algorithmica 15, 1996). A higher rate reads further along the same schedule, so no
    quota ever falls as the rate rises. Largest remainders do not promise that. Each
    class that has examples keeps one of them. Where a tiny class cannot give its share,
    the others do.

    >>> quotas(0.4, np.array([10, 5, 0, 1])).tolist()
    [4, 2, 0, 0]
    """
    counts = [int(count) for count in class_counts]
    total = sum(counts)
    wanted = min(flip_count(rate, total), total - sum(count > 0 for count in counts))
    taken, scheduled = [0] * len(counts), [0] * len(counts)
    waiting = [(1, k) for k, count in enumerate(counts) if count]
    ready: list[tuple[int, int]] = []
    turn = given = 0
    while given < wanted:
        turn += 1
        while waiting and waiting[0][0] <= turn:
            k = heapq.heappop(waiting)[1]
            heapq.heappush(ready, (-(-(scheduled[k] + 1) * total // counts[k]), k))
        k = heapq.heappop(ready)[1]
        scheduled[k] += 1
        if scheduled[k] < counts[k]:
            heapq.heappush(waiting, (scheduled[k] * total // counts[k] + 1, k))
            taken[k] += 1
            given += 1
    return np.array(taken, dtype=np.int64)


def chosen_by_class(rate: float, clean_labels: LabelArray, num_classes: int, *keys: FloatArray) -> BoolArray:
    """Choose the examples to flip, bool (N,): in each class its quota of the smallest
    keys, ties by the next key.

    Keys that do not depend on the rate give sets that grow with it.
    """
    check_classes(rate, num_classes)
    counts = np.bincount(clean_labels, minlength=num_classes)
    chosen: BoolArray = ranks_by_class(clean_labels, counts, *keys) < quotas(rate, counts)[clean_labels]
    return chosen


def ranks_by_class(clean_labels: LabelArray, class_counts: LabelArray, *keys: FloatArray) -> LabelArray:
    """Give the number of examples of its class that come before each one, int64 (N,),
    by the first key, ties by the next.
    """
    order = np.lexsort((*reversed(keys), clean_labels))
    starts = np.cumsum(class_counts) - class_counts
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order)) - starts[clean_labels[order]]
    return ranks


def chosen_overall(count: int, *keys: FloatArray) -> BoolArray:
    """Choose the examples to flip, bool (N,): the `count` smallest keys, ties by the
    next key, whatever the classes.

    Keys that do not depend on the rate give sets that grow with it.
    """
    chosen = np.zeros(len(keys[0]), dtype=np.bool_)
    chosen[np.lexsort(tuple(reversed(keys)))[:count]] = True
    return chosen
