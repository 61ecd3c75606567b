"""What a record says of itself that can be checked without running anything."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from benchmark.contracts import method_from, noise_from
from benchmark.records.config import TrialConfig, differences
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import Record, Selection, holds_bits

ROUNDING = 1e-6


def repeated_trials(records: Iterable[Record]) -> list[str]:
    """Give the ids that several records bear, in order."""
    counts = Counter(record.trial for record in records)
    return sorted(trial for trial, count in counts.items() if count > 1)


def uneven_seeds(records: Iterable[Record]) -> list[str]:
    """Say of each method that lacks seeds which others have in its cells how many.

    A sender may have left out what came out badly.
    """
    by_cell: dict[str, dict[str, set[int]]] = {}
    for record in records:
        by_cell.setdefault(record.cell, {}).setdefault(record.method, set()).add(record.seed)
    lacking: Counter[str] = Counter()
    for methods in by_cell.values():
        every = set().union(*methods.values())
        lacking.update({method: len(every - seeds) for method, seeds in methods.items()})
    return [f"{method} lacks {count}" for method, count in sorted(lacking.items()) if count]


def contradictions(records: Iterable[Record]) -> Iterator[str]:
    """Say which records contradict their own configuration, content or cell.

    A record is compared with what its configuration makes: its cell, the traits of its
    method and noise. Its accuracies must be those of its own bits, and all trials of
    a cell and seed must have seen the same noisy labels.
    """
    labels: dict[tuple[str, int], str] = {}
    for record in records:
        for found in (*_traits_differ(record), *_scores_differ(record)):
            yield f"trial {record.trial}: {found}"
        if record.manifest is not None:
            given = record.manifest.fingerprint
            first = labels.setdefault((record.cell, record.seed), given)
            if first != given:
                yield f"trial {record.trial}: its noisy labels are {given}, those of its cell and seed {first}"


def _traits_differ(record: Record) -> list[str]:
    """Say in which traits the record is not what its configuration makes."""
    config = TrialConfig.model_validate(record.config)
    method, noise = method_from(config.method), noise_from(config.noise)
    made = {
        "cell": config.cell,
        "family": method.family,
        "networks": method.networks,
        "needs": sorted(need.value for need in method.needs()),
        "oracle": method.oracle,
        "control": method.control,
        "noise_kind": noise.kind,
        "noise_rate": noise.requested_rate,
        "recipe": config.recipe.get("name"),
    }
    return differences({name: getattr(record, name) for name in made}, made)


def _scores_differ(record: Record) -> Iterator[str]:
    """Say where an accuracy is not that of the bits beside it."""
    if record.manifest is None:
        return
    for rule, selection in record.selections.items():
        for name, bits, rows in _scored(selection, record.manifest.test_rows):
            accuracy = selection.metrics.get(name)
            if bits is None or accuracy is None:
                continue
            share = _share(bits, rows)
            if share is None:
                yield f"{rule}: its bits are not {rows}, one a test text"
            elif abs(share - accuracy) > ROUNDING:
                yield f"{rule}: its {name} is {accuracy:.6f}, by its bits it is {share:.6f}"


def _share(bits: str, rows: int) -> float | None:
    """The share of ones among packed bits; None where there are not so many bits."""
    if rows == 0 or not holds_bits(bits, rows):
        return None
    packed = np.frombuffer(base64.b64decode(bits), dtype=np.uint8)
    return float(np.unpackbits(packed, count=rows).mean())


def _scored(selection: Selection, rows: int) -> Iterator[tuple[str, str | None, int]]:
    """Each accuracy that a selection has bits for: its name, the bits, how many."""
    yield "test_accuracy" if "test_accuracy" in selection.metrics else "noisy_test_accuracy", selection.correct, rows
    if selection.checked is not None:
        yield f"{CHECKED_TEXTS}_accuracy", selection.checked.correct, selection.checked.rows
