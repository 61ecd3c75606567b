"""What the tidy frame has no place for: curves by point of training, transition
matrices and the conditions of a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from sys import intern
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.records.schema import HEADLINE_RULES, CurvePoint, Record

OF_A_POINT = tuple(field.name for field in fields(CurvePoint))
LIMITED = ("train", "valid", "test")

Matrix = npt.NDArray[np.float64]

_values_of_a_point = attrgetter(*OF_A_POINT)


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What a report takes from one record beside the row of the tidy frame.

    `curve` holds a row a point with the values of `OF_A_POINT`, not a number where one
    was not measured. `conditions` is JSON: what all trials of one command share; empty
    where the record has no recipe. `confusion` counts test texts of class k that were
    given to class j, added up over both headline rules.
    """

    trial: str
    status: str
    created: str
    cell: str
    method: str
    corpus: str
    noise: str
    seed: int
    conditions: str
    curve: Matrix
    transition_matrix: Matrix | None
    requested_matrix: Matrix | None
    estimated_matrix: Matrix | None
    class_shares: Matrix | None
    confusion: Matrix | None = None
    label_names: tuple[str, ...] = ()


class Details:
    """The details of records that pass by.

    Records themselves are not kept, since they hold far more. What many of them have in
    common, such as the matrices of a cell and seed, is kept once.
    """

    def __init__(self) -> None:
        self.found: list[Detail] = []
        self._matrices: dict[tuple[int, bytes], Matrix] = {}

    def passing(self, records: Iterable[Record]) -> Iterator[Record]:
        """Pass the records on, one by one, and note the details of each."""
        for record in records:
            self.found.append(self._detail(record))
            yield record

    def _detail(self, record: Record) -> Detail:
        manifest = record.manifest
        points = [_values_of_a_point(point) for point in record.curve]
        return Detail(
            record.trial,
            intern(record.status),
            record.provenance.created,
            intern(record.cell),
            intern(record.method),
            intern(record.corpus),
            intern(record.noise),
            record.seed,
            intern(_conditions(record)),
            np.array(points, dtype=np.float64).reshape(-1, len(OF_A_POINT)),
            self._matrix(None if manifest is None else manifest.transition_matrix),
            self._matrix(None if manifest is None else manifest.requested_matrix),
            self._matrix(record.estimated_matrix),
            self._matrix(None if manifest is None else manifest.class_shares),
            self._matrix(_confusion(record)),
            () if manifest is None else tuple(map(intern, manifest.label_names or ())),
        )

    def _matrix(self, given: list[list[float]] | list[float] | None) -> Matrix | None:
        if given is None:
            return None
        matrix = np.asarray(given, dtype=np.float64)
        return self._matrices.setdefault((len(matrix), matrix.tobytes()), matrix)


def details_of(records: Iterable[Record]) -> list[Detail]:
    """Give the details of records that are all at hand."""
    details = Details()
    for _ in details.passing(records):
        pass
    return details.found


def _conditions(record: Record) -> str:
    config = record.config
    if not isinstance(config.get("recipe"), dict):
        return ""
    limits = config.get("limits") or {}
    shared = {
        "epochs": config["recipe"].get("epochs"),
        "batch_size": _chosen_batch_size(config["recipe"]),
        "precision": config["recipe"].get("precision"),
        "limits": {split: limits[split] for split in LIMITED if limits.get(split) is not None},
        "threads": config.get("threads", 1),
        "plugins": bool(config.get("method_source") or config.get("noise_source")),
    }
    return json.dumps(shared, sort_keys=True)


def _confusion(record: Record) -> list[list[float]] | None:
    """Add up the confusions at the points of both headline rules."""
    found = [record.selections[rule].confusion for rule in HEADLINE_RULES if rule in record.selections]
    kept = [np.asarray(one, dtype=np.float64) for one in found if one is not None]
    total: list[list[float]] | None = sum(kept[1:], kept[0]).tolist() if len(kept) == len(HEADLINE_RULES) else None
    return total


def _chosen_batch_size(recipe: dict[str, Any]) -> int | None:
    """Give the batch size where it is not the encoder's own, as the name then says."""
    size = recipe.get("batch_size")
    return size if f"-batch{size}" in str(recipe.get("name")) else None


def places_by_cell(trials: pd.DataFrame, details: Iterable[Detail]) -> dict[str, list[int]]:
    """Give by cell where the details of the trials stand that some rows of the tidy
    frame are.
    """
    wanted = set(zip(trials["trial"], trials["status"], trials["created"], strict=True))
    found: dict[str, list[int]] = {}
    for place, detail in enumerate(details):
        if (detail.trial, detail.status, detail.created) in wanted:
            found.setdefault(detail.cell, []).append(place)
    return found


def curve_frame(details: Sequence[Detail]) -> pd.DataFrame:
    """Give a row for each trial and point: cell, method, seed, stage, fraction, and the
    measures of a curve's point.
    """
    lengths = [len(detail.curve) for detail in details]
    names = {name: [getattr(detail, name) for detail in details] for name in ("cell", "method", "seed")}
    points = np.concatenate([np.empty((0, len(OF_A_POINT))), *(detail.curve for detail in details)])
    frame = pd.DataFrame({name: np.repeat(np.array(values), lengths) for name, values in names.items()})
    frame = frame.assign(**dict(zip(OF_A_POINT, points.T.copy(), strict=True)))
    return frame.astype({"stage": "int64"})


def realised_matrix(details: Iterable[Detail]) -> Matrix | None:
    """Give the realised transition matrix of one cell, (C, C), the mean over seeds.

    It is None where no record has a manifest.
    """
    by_seed = {it.seed: it.transition_matrix for it in details if it.transition_matrix is not None}
    return _mean([by_seed[seed] for seed in sorted(by_seed)])


def requested_matrix(details: Iterable[Detail]) -> Matrix | None:
    """Give the transition matrix that the noise of one cell asks for, (C, C).

    It is None where no single matrix holds for all texts.
    """
    return _mean([it.requested_matrix for it in details if it.requested_matrix is not None][:1])


def estimated_matrices(details: Iterable[Detail]) -> dict[str, Matrix]:
    """Give by method the transition matrix that it estimates in one cell, (C, C), the
    mean over seeds.
    """
    found: dict[str, dict[int, Any]] = {}
    for detail in details:
        if detail.estimated_matrix is not None:
            found.setdefault(detail.method, {})[detail.seed] = detail.estimated_matrix
    means = {method: _mean([by_seed[seed] for seed in sorted(by_seed)]) for method, by_seed in sorted(found.items())}
    return {method: mean for method, mean in means.items() if mean is not None}


def _mean(matrices: list[Matrix]) -> Matrix | None:
    return np.mean(np.asarray(matrices, dtype=np.float64), axis=0) if matrices else None
