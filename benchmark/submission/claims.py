"""What a record says of itself that can be checked without running anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from benchmark.contracts import method_from, noise_from
from benchmark.records.config import TrialConfig, differences
from benchmark.records.schema import Record, Selection

ROUNDING = 1e-6


def repeated_trials(records: Iterable[Record]) -> list[str]:
    """Give the ids that several records bear, in order."""
    counts = Counter(record.trial for record in records)
    return sorted(trial for trial, count in counts.items() if count > 1)


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
    rows = record.manifest.test_rows
    for rule, selection in record.selections.items():
        accuracy = _accuracy(selection)
        if selection.correct is None or accuracy is None:
            continue
        try:
            share = float(selection.correctness(rows).mean())
        except ValueError:
            yield f"{rule}: its bits are not {rows}, one a test text"
            continue
        if abs(share - accuracy) > ROUNDING:
            yield f"{rule}: its accuracy is {accuracy:.6f}, by its bits it is {share:.6f}"


def _accuracy(selection: Selection) -> float | None:
    metrics = selection.metrics
    return metrics.get("test_accuracy", metrics.get("noisy_test_accuracy"))
