"""Splits of rows that their source does not split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmark.contracts import BenchmarkError, uniform_by_id
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


def rows_of(raw: RawSplit, chosen: npt.NDArray[np.bool_]) -> RawSplit:
    """The chosen rows, in their order."""
    rows = np.flatnonzero(chosen)
    return RawSplit(
        ids=tuple(raw.ids[row] for row in rows),
        texts=tuple(raw.texts[row] for row in rows),
        clean_labels=raw.clean_labels[rows],
        votes=None if raw.votes is None else raw.votes[rows],
        given={name: labels[rows] for name, labels in raw.given.items()},
    )
