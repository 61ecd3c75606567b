"""Splits of rows that their source does not split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmark.contracts import UNLABELLED, BenchmarkError, uniform_by_id
from benchmark.corpora.readers.base import RawSplit


def split_by_hash(whole: RawSplit, keys: Sequence[str], shares: Mapping[str, float]) -> dict[str, RawSplit]:
    """Split rows by a hash of their keys: equal keys stay together, and a row's split
    depends on no other row.

    Parameters
    ----------
    whole: the rows.
    keys: a text for each row, as its premise.
    shares: by split, the share of keys that it gets; `train` gets the rest.

    Returns
    -------
    The splits by name, `train` among them, each in the order of the rows.
    """
    drawn = uniform_by_id(keys, "split", "test")
    bounds = np.cumsum(list(shares.values()))
    parts = np.searchsorted(bounds, drawn, side="right")
    found = {name: rows_of(whole, parts == number) for number, name in enumerate([*shares, "train"])}
    if empty := [name for name, raw in found.items() if not raw.ids]:
        raise BenchmarkError(f"{len(whole.ids)} rows are too few for the splits {', '.join(empty)}. Give more rows.")
    return found


def carve_test(whole: RawSplit, keys: Sequence[str], share: float, checked_first: bool = False) -> dict[str, RawSplit]:
    """Take test from the rows of train by a hash of their keys: equal keys stay
    together.

    A row that could not be scored stays in train: one without a label where clean
    labels are not known throughout.

    Parameters
    ----------
    whole: the rows.
    keys: a text for each row.
    share: the share of keys that become test.
    checked_first: whether the keys of rows with a clean label become test, too.
    """
    drawn = uniform_by_id(keys, "split", "test") < share
    if checked_first:
        drawn |= with_checked_key(keys, whole.clean_labels != UNLABELLED)
    in_test = drawn & _scored(whole)
    if in_test.all() or not in_test.any():
        raise BenchmarkError(
            f"{len(whole.texts)} rows with {len(set(keys))} different texts are too few to take {share:.0%} of them "
            "for test. Give a file of test rows."
        )
    return {"train": rows_of(whole, ~in_test), "test": rows_of(whole, in_test)}


def with_checked_key(keys: Sequence[str], checked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which rows have the key of a checked row, bool (N,).

    >>> with_checked_key(["a", "b", "a"], np.array([True, False, False])).tolist()
    [True, False, True]
    """
    names = {key for key, one in zip(keys, checked.tolist(), strict=True) if one}
    return np.array([key in names for key in keys], dtype=np.bool_)


def _scored(whole: RawSplit) -> npt.NDArray[np.bool_]:
    """Which rows have a label to be scored by, bool (N,)."""
    labels = [given != UNLABELLED for given in whole.given.values()]
    if whole.votes is not None:
        labels.append((whole.votes != UNLABELLED).any(axis=1))
    if not labels or (whole.clean_labels != UNLABELLED).all():
        return np.ones(len(whole.texts), dtype=np.bool_)
    return np.asarray(np.array(labels).all(axis=0))


def rows_of(raw: RawSplit, chosen: npt.NDArray[np.bool_]) -> RawSplit:
    """The chosen rows, in their order."""
    rows = np.flatnonzero(chosen)
    return RawSplit(
        ids=tuple(raw.ids[row] for row in rows),
        texts=tuple(raw.texts[row] for row in rows),
        clean_labels=raw.clean_labels[rows],
        votes=None if raw.votes is None else raw.votes[rows],
        given={name: labels[rows] for name, labels in raw.given.items()},
        groups=None if raw.groups is None else raw.groups[rows],
    )
