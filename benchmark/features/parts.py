"""Features of a long list of texts, made and kept part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np

from benchmark.files import kept_arrays
from benchmark.training.encoders.encoding import FeatureArray, OnBatch, RowArray

Make = Callable[[Sequence[str], OnBatch], FeatureArray]
"""Gives the features of some texts, and tells how far it is."""


@contextmanager
def in_parts(
    texts: Sequence[str],
    parts: Sequence[tuple[RowArray, float]],
    setting: Mapping[str, str | int],
    make: Make,
    on_batch: OnBatch,
) -> Iterator[FeatureArray]:
    """Give the features of texts, each part from the cache where it was made before.

    The block keeps the whole. Its parts are removed behind it.

    Parameters
    ----------
    texts : N texts.
    parts : the rows of each part with its share of the work. A list of no more than one
        part is made at once.
    setting : what decides the features beside the texts.
    make : gives the features of some texts.
    on_batch : is told how far the whole list is.
    """
    if len(parts) <= 1:
        yield make(texts, on_batch)
        return
    found, keys, rows_before, share_before = [], [], 0, 0.0
    for rows, share in parts:
        some = [texts[row] for row in rows.tolist()]
        key = kept_arrays.key_of(setting, some)
        part = kept_arrays.read("features", key)
        if part is None or len(part) != len(some):
            part = make(some, partial(_of_whole, on_batch, rows_before, share_before, share))
            kept_arrays.write("features", key, part)
        found.append(part)
        keys.append(key)
        rows_before, share_before = rows_before + len(rows), share_before + share
        on_batch(rows_before, share_before)
    features = np.empty((len(texts), found[0].shape[1]), dtype=np.float32)
    features[np.concatenate([rows for rows, _ in parts])] = np.concatenate(found)
    yield features
    for key in keys:
        kept_arrays.remove("features", key)


def _of_whole(on_batch: OnBatch, rows_before: int, share_before: float, of_all: float, rows: int, share: float) -> None:
    """Tell of a batch of one part what it is of the whole list."""
    on_batch(rows_before + rows, share_before + of_all * share)
