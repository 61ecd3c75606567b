"""Wanted trials against the records at hand: done, changed, stale, failed or missing,
and what the rest will cost.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.contracts import method_from, methods
from benchmark.experiment.measured_seconds import estimated_seconds, machine_factor
from benchmark.records.code.moves import same_code
from benchmark.records.code.provenance import code_digest
from benchmark.records.config import TrialConfig, differences
from benchmark.records.schema import Record

State = Literal["done", "changed", "failed", "stale", "missing"]
Label = tuple[str, str, str, str, int]
STATES: tuple[State, ...] = ("done", "changed", "failed", "stale", "missing")


@dataclass(frozen=True)
class Row:
    """One wanted trial. `changed`: done, by other code of the same version.

    `stale`: not done, but a trial of the same name is, or the same method with other
    parameters that is not wanted itself; `why` says what differs.
    """

    config: TrialConfig
    state: State
    why: str = ""

    def to_run(self, rerun_changed: bool) -> bool:
        """Whether the next run runs it."""
        return self.state in ("failed", "stale", "missing") or (self.state == "changed" and rerun_changed)


def make_plan(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> list[Row]:
    """One row a wanted trial, in their order."""
    wanted = {config.id for config in configs}
    same_name: dict[Label, Record] = {}
    same_method: dict[Label, Record] = {}
    for record in records.values():
        if record.status == "done" and record.trial not in wanted:
            label = (record.method, record.corpus, record.noise, record.encoder, record.seed)
            same_name[label] = record
            same_method[_base(label)] = record
    codes = {name: code_digest(methods[name]) for name in _names_done(configs, records)}
    rows = []
    for config in configs:
        found = records.get(config.id)
        namesake = same_name.get(config.label) or same_method.get(_base(config.label)) if found is None else None
        rows.append(_row(config, found, namesake, codes))
    return rows


def _names_done(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> set[str]:
    """The methods of which a wanted trial has a record."""
    return {config.method_name for config in configs if config.id in records}


def _base(label: Label) -> Label:
    """The label without the method's parameters."""
    return label[0].partition("[")[0], *label[1:]


def _row(config: TrialConfig, record: Record | None, namesake: Record | None, codes: Mapping[str, str]) -> Row:
    """The state of a trial by its record or its namesake, given the methods' code."""
    if record is None:
        if namesake is None:
            return Row(config, "missing")
        return Row(config, "stale", "; ".join(differences(namesake.config, config.model_dump(mode="json"))))
    if record.status == "failed":
        failure = record.failure
        return Row(config, "failed", f"{failure.error_class}: {failure.message}" if failure else "")
    if not same_code(record.provenance.code_digest, codes[config.method_name]):
        return Row(config, "changed", "the method's code changed and its version did not")
    return Row(config, "done")


@dataclass(frozen=True)
class Cost:
    """Seconds of one worker that the trials to run will take, for how many of them
    there is nothing to go by, and for how many no record at hand but what was measured.
    """

    seconds: float
    unknown: int
    by_measured: int = 0

    def hours(self, workers: int) -> float:
        """Hours with so many workers, if all had a record to go by."""
        return self.seconds / max(1, workers) / 3600


class CostEstimates:
    """What a trial took, by the median of finished ones of its method, corpus and
    encoder, else of what is nearest.
    """

    def __init__(self, records: Mapping[str, Record]) -> None:
        known: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for record in records.values():
            if record.costs is not None:
                for key in _keys(record.method, record.corpus, record.encoder, str(record.config.get("recipe"))):
                    known[key].append(record.costs.wall_s)
        self._medians = {key: statistics.median(values) for key, values in known.items()}

    def of(self, config: TrialConfig) -> float | None:
        """Seconds, or None where no record is near enough."""
        if not self._medians:
            return None
        keys = _keys(config.method, config.corpus, config.encoder, str(config.recipe))
        return next((self._medians[key] for key in keys if key in self._medians), None)


def estimate_cost(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> Cost:
    """Estimate what the trials will take.

    It goes by the records at hand, else by the measured archives, scaled to this
    machine.
    """
    prices = CostEstimates(records if configs else {})
    seconds, unknown, by_measured = 0.0, 0, 0
    for config in configs:
        price = prices.of(config)
        if price is None and (measured := estimated_seconds(config)) is not None:
            price, by_measured = measured * machine_factor(), by_measured + 1
        unknown += price is None
        seconds += price or 0.0
    return Cost(seconds, unknown, by_measured)


def _keys(method: str, corpus: str, encoder: str, recipe: str) -> list[tuple[str, ...]]:
    return [(method, corpus, encoder, recipe), (method, corpus, encoder), ("", corpus, encoder), (method, "", encoder)]


def schedule_order(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> list[TrialConfig]:
    """Corpora with the dearest trials first, so that the last workers finish together;
    in each, cell by cell and seed.

    What has no record to go by comes first, since it may be dear.
    """
    prices = CostEstimates(records)
    named = {text: method_from(text) for text in {config.method for config in configs}}
    networks = {
        text: method.networks * (2 if method.predicts_from == "trajectory" else 1) for text, method in named.items()
    }
    own = {config.id: -math.inf if (price := prices.of(config)) is None else -price for config in configs}
    most_expensive: dict[str, float] = {}
    for config in configs:
        most_expensive[config.corpus] = min(own[config.id], most_expensive.get(config.corpus, 0.0))

    def key(config: TrialConfig) -> tuple[float, str, str, int, float, int]:
        first = (most_expensive[config.corpus], config.corpus, config.cell, config.seed)
        return *first, own[config.id], -networks[config.method]

    return sorted(configs, key=key)
