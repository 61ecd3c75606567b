"""What the tidy frame has no place for: curves by point of training, and transition
matrices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.records.schema import CurvePoint, Record

OF_A_POINT = tuple(field.name for field in fields(CurvePoint))
MEASURES = tuple(name for name in OF_A_POINT if name not in ("stage", "fraction"))

Matrix = npt.NDArray[np.float64]


def records_of(trials: pd.DataFrame, records: Iterable[Record]) -> Iterator[Record]:
    """The records that some rows of the tidy frame were made from."""
    wanted = set(zip(trials["trial"], trials["status"], trials["created"], strict=True))
    for record in records:
        if (record.trial, record.status, record.provenance.created) in wanted:
            yield record


def curve_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row a trial and point: cell, method, seed, stage, fraction, and the measures
    of a curve's point.
    """
    rows = [
        (record.cell, record.method, record.seed, *(getattr(point, name) for name in OF_A_POINT))
        for record in records
        for point in record.curve
    ]
    frame = pd.DataFrame.from_records(rows, columns=["cell", "method", "seed", *OF_A_POINT])
    return frame.astype(dict.fromkeys(("fraction", *MEASURES), "float64"))


def realised_matrix(records: Iterable[Record]) -> Matrix | None:
    """The realised transition matrix of one cell, (C, C), mean over seeds; None where
    no record has a manifest.
    """
    by_seed = {
        record.seed: record.manifest.transition_matrix
        for record in records
        if record.manifest is not None and record.manifest.transition_matrix is not None
    }
    return _mean([by_seed[seed] for seed in sorted(by_seed)])


def requested_matrix(records: Iterable[Record]) -> Matrix | None:
    """The transition matrix that the noise of one cell asks for, (C, C); None where no
    single matrix holds for all texts.
    """
    asked = [r.manifest.requested_matrix for r in records if r.manifest is not None]
    return _mean([matrix for matrix in asked if matrix is not None][:1])


def estimated_matrices(records: Iterable[Record]) -> dict[str, Matrix]:
    """By method of one cell that estimates a transition matrix: its mean over seeds,
    (C, C).
    """
    found: dict[str, dict[int, Any]] = {}
    for record in records:
        if record.estimated_matrix is not None:
            found.setdefault(record.method, {})[record.seed] = record.estimated_matrix
    means = {method: _mean([by_seed[seed] for seed in sorted(by_seed)]) for method, by_seed in sorted(found.items())}
    return {method: mean for method, mean in means.items() if mean is not None}


def _mean(matrices: list[list[list[float]]]) -> Matrix | None:
    return np.mean(np.asarray(matrices, dtype=np.float64), axis=0) if matrices else None
