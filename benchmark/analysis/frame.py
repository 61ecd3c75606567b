"""Records as one tidy table: a row a trial and selection rule."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from benchmark.analysis.comparability import Comparable, Group, comparable_groups
from benchmark.contracts.errors import BenchmarkError
from benchmark.records.config import digest
from benchmark.records.metric_specs import PREDICTION_METRICS, MetricSpec
from benchmark.records.schema import RULES, Record, Selection

__all__ = ["Comparable", "Group", "comparable_groups", "refuse_unmeasured", "tidy"]

NEED_SEPARATOR = ";"

SCHEMA = {
    "trial": "str",
    "cell": "str",
    "protocol": "int64",
    "schema_version": "int64",
    "status": "str",
    "method": "str",
    "family": "str",
    "method_version": "int64",
    "networks": "int64",
    "needs": "str",
    "oracle": "bool",
    "control": "bool",
    "ranked": "bool",
    "corpus": "str",
    "noise": "str",
    "noise_kind": "str",
    "noise_rate": "float64",
    "encoder": "str",
    "recipe": "str",
    "weights": "str",
    "recipe_digest": "str",
    "seed": "int64",
    "rule": "str",
    "stage": "Int64",
    "fraction": "float64",
    "requested_rate": "float64",
    "realised_rate": "float64",
    "realised_valid_rate": "float64",
    "manifest_fingerprint": "str",
    "corpus_fingerprint": "str",
    "num_classes": "Int64",
    "train_rows": "Int64",
    "valid_rows": "Int64",
    "test_rows": "Int64",
    "unlabelled_rows": "Int64",
    "rate_source": "str",
    "rate_estimator": "str",
    "rate_value": "float64",
    "rate_error": "float64",
    "wall_s": "float64",
    "forward_texts": "Int64",
    "backward_texts": "Int64",
    "peak_mib": "float64",
    "gpu_peak_mib": "float64",
    "device": "str",
    "threads": "Int64",
    "benchmark_version": "str",
    "git_commit": "str",
    "code_digest": "str",
    "versions": "str",
    "created": "str",
    "failure_class": "str",
    "failure_message": "str",
    "correct": "str",
}
"""Columns that every frame has, with their types; metrics, `train_*` and `seconds_*`
columns follow as they occur.
"""

OF_A_RECORD = tuple(name for name in SCHEMA if name in Record.model_fields and name != "needs")

OF_CHECKED = {"checked": "str", "checked_rows": "Int64"}
"""Columns of records in which some test texts have a checked label."""

METRICS = (
    *(spec.column(single=single) for spec in PREDICTION_METRICS.values() for single in (False, True)),
    "noisy_valid_accuracy",
    "clean_valid_accuracy",
)
"""Metrics that every frame has as columns, empty where nothing was measured."""

BATCH = 500
"""So many records are held at a time while the frame is made."""

ORDER = ["corpus", "noise", "encoder", "recipe", "method", "seed", "protocol", "trial", "status", "created", "wall_s"]


def tidy(records: Iterable[Record]) -> pd.DataFrame:
    """Give a row for each trial and selection rule, in an order that does not depend on
    the records' order.

    A failed record gives one row with its reason and no metric. A finished one that
    nothing was selected for gives one row without a rule. Measures of the training set
    are named `train_*`, seconds of a phase `seconds_*`.
    """
    # Columns by name: to take one out of a frame copies what is left of it.
    parts: list[Columns] = [dict(_typed(*batch).items()) for batch in _batches(records)]
    rows = [len(part["rule"]) for part in parts]
    names = dict.fromkeys([*SCHEMA, *METRICS, *sorted({name for part in parts for name in part})])
    key = [*ORDER, "rule", "correct"]
    order = _order(pd.DataFrame({name: pd.concat([part[name] for part in parts], ignore_index=True) for name in key}))
    # Column by column, so that memory holds hardly more than one frame of texts at a time.
    frame = pd.DataFrame({name: _whole_column(name, parts, rows).take(order) for name in names}, copy=False)
    # Arrow keeps the memory of the texts of all parts, which was several times that of the frame.
    pa.default_memory_pool().release_unused()
    return frame


def _order(key: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Give the places of the rows in the order of the frame."""
    by_rule = key["rule"].map({rule: place for place, rule in enumerate(RULES)}).fillna(len(RULES))
    ordered = key.assign(_rule=by_rule).sort_values([*ORDER, "_rule", "rule", "correct"], kind="stable")
    return ordered.index.to_numpy()


Columns = dict[Any, pd.Series]


def _whole_column(name: str, parts: Sequence[Columns], rows: Sequence[int]) -> pd.api.extensions.ExtensionArray:
    """Take a column out of all parts; one that lacks it has nothing known there."""
    pieces = [
        part.pop(name) if name in part else pd.Series(index=range(count), dtype=_kind(name))
        for part, count in zip(parts, rows, strict=True)
    ]
    whole: pd.api.extensions.ExtensionArray = pd.concat(pieces, ignore_index=True).array
    return whole


Rows = list[dict[str, Any]]


def _batches(records: Iterable[Record]) -> Iterator[tuple[Rows, Rows, list[int]]]:
    """Yield what all rows of a trial share, the rows, and the trial of each, for some
    records at a time.

    It yields once at least.
    """
    passing = iter(records)
    first = True
    while (some := list(itertools.islice(passing, BATCH))) or first:
        first = False
        chosen = [_chosen(record) for record in some]
        trial_of_row = [place for place, rows in enumerate(chosen) for _ in rows]
        yield [_trial(record) for record in some], [row for rows in chosen for row in rows], trial_of_row


def _typed(trials: Rows, chosen: Rows, trial_of_row: list[int]) -> pd.DataFrame:
    """Give the rows with the types that the whole frame has."""
    of_trials, of_rows = _columns(trials), _columns(chosen)
    names = dict.fromkeys([*SCHEMA, *METRICS, *sorted({*of_trials, *of_rows})])
    repeated = {name: column.take(trial_of_row) for name, column in of_trials.items()}
    frame = pd.DataFrame(repeated | of_rows, columns=list(names), index=range(len(trial_of_row)))
    return frame.astype({name: _kind(name) for name in frame.columns})


def _kind(name: str) -> str:
    """Give the type of a column."""
    return (SCHEMA | OF_CHECKED).get(name, "float64")


def needs_of(method: pd.Series) -> list[str]:
    """Give in words what a method needs, from a row with its `needs`."""
    needs = method["needs"]
    return needs.replace("_", " ").split(NEED_SEPARATOR) if isinstance(needs, str) else []


def refuse_unmeasured(frame: pd.DataFrame, metric: MetricSpec) -> None:
    """Raise BenchmarkError where the trials were scored, but none by this metric."""
    measured = [
        spec.name
        for spec in PREDICTION_METRICS.values()
        if any(bool(frame[name].notna().any()) for name in map(spec.column, ("test", "noisy_test")) if name in frame)
    ]
    if measured and metric.name not in measured:
        raise BenchmarkError(
            f"No record holds the metric '{metric.name}'. Measured: {', '.join(measured)}. Choose one of these."
        )


def _columns(rows: Rows) -> dict[str, pd.api.extensions.ExtensionArray]:
    """Give what the rows hold, by name; a row that lacks a name has nothing there."""
    frame = pd.DataFrame.from_records(rows, columns=sorted({name for row in rows for name in row}))
    return {str(name): column.array for name, column in frame.items()}


def _trial(record: Record) -> dict[str, Any]:
    """Give what all rows of a trial share."""
    common = _identity(record) | _manifest(record) | _costs(record) | _provenance(record)
    if record.status == "failed":
        failure = record.failure
        reason = {"failure_class": "unknown", "failure_message": "no reason was recorded"}
        if failure is not None:
            reason = {"failure_class": failure.error_class, "failure_message": failure.message}
        return common | reason
    common |= {f"train_{name}": value for name, value in record.train_metrics.items()}
    if record.rate_used is not None:
        used = record.rate_used
        common |= {"rate_source": used.source, "rate_estimator": used.estimator}
        common |= {"rate_value": used.value, "rate_error": used.error}
    return common


def _chosen(record: Record) -> list[dict[str, Any]]:
    """Give a row for each selection, or one without a rule where nothing was selected
    or the trial failed.
    """
    if record.status == "failed" or not record.selections:
        return [{}]
    return [
        chosen.metrics
        | {"rule": rule, "stage": chosen.stage, "fraction": chosen.fraction, "correct": chosen.correct}
        | _checked(chosen)
        for rule, chosen in record.selections.items()
    ]


def _checked(chosen: Selection) -> dict[str, Any]:
    if chosen.checked is None:
        return {}
    return {"checked": chosen.checked.correct, "checked_rows": chosen.checked.rows}


def _identity(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in OF_A_RECORD} | {
        "needs": NEED_SEPARATOR.join(sorted(record.needs)) or None,
        "weights": record.config.get("weights"),
        "recipe_digest": digest(record.config["recipe"]) if "recipe" in record.config else None,
        "ranked": record.ranked,
    }


def _manifest(record: Record) -> dict[str, Any]:
    manifest = record.manifest
    if manifest is None:
        return {}
    names = ["requested_rate", "realised_rate", "realised_valid_rate", "corpus_fingerprint", "num_classes"]
    names += ["train_rows", "valid_rows", "test_rows", "unlabelled_rows"]
    return {name: getattr(manifest, name) for name in names} | {"manifest_fingerprint": manifest.fingerprint}


def _costs(record: Record) -> dict[str, Any]:
    costs = record.costs
    if costs is None:
        return {}
    names = ["wall_s", "forward_texts", "backward_texts", "peak_mib", "gpu_peak_mib", "device", "threads"]
    phases = {f"seconds_{phase}": seconds for phase, seconds in costs.seconds.items()}
    return {name: getattr(costs, name) for name in names} | phases


def _provenance(record: Record) -> dict[str, Any]:
    made = record.provenance
    names = ["benchmark_version", "git_commit", "code_digest", "created"]
    versions = ", ".join(f"{library} {version}" for library, version in sorted(made.versions.items()))
    return {name: getattr(made, name) for name in names} | {"versions": versions or None}
