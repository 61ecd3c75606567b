"""Wanted trials against the records at hand: done, changed, stale, failed or missing, and what the rest will cost."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.contracts import methods
from benchmark.contracts.specs import split_call
from benchmark.provenance import code_digest
from benchmark.records import Record
from benchmark.trials import TrialConfig, differences

State = Literal["done", "changed", "failed", "stale", "missing"]
STATES: tuple[State, ...] = ("done", "changed", "failed", "stale", "missing")


@dataclass(frozen=True)
class Row:
    """One wanted trial. `changed`: done, by other code of the same version. `stale`: only a namesake is done."""

    config: TrialConfig
    state: State
    why: str = ""

    def to_run(self, rerun_changed: bool) -> bool:
        """Whether the next run runs it."""
        return self.state in ("failed", "stale", "missing") or (self.state == "changed" and rerun_changed)


def make_plan(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> list[Row]:
    """One row a wanted trial, in their order."""
    namesakes: dict[tuple[str, str, str, str, int], Record] = {}
    for record in records.values():
        if record.status == "done":
            namesakes[record.method, record.corpus, record.noise, record.encoder, record.seed] = record
    return [_row(config, records.get(config.id), namesakes.get(config.label)) for config in configs]


def _row(config: TrialConfig, record: Record | None, namesake: Record | None) -> Row:
    if record is None:
        if namesake is None:
            return Row(config, "missing")
        return Row(config, "stale", "; ".join(differences(namesake.config, config.model_dump(mode="json"))))
    if record.status == "failed":
        failure = record.failure
        return Row(config, "failed", f"{failure.error_class}: {failure.message}" if failure else "")
    if record.provenance.code_digest != code_digest(methods[split_call(config.method, "method")[0]]):
        return Row(config, "changed", "the method's code changed and its version did not")
    return Row(config, "done")


@dataclass(frozen=True)
class Cost:
    """Seconds of one worker that the trials to run will take, and for how many of them there is no record to go by."""

    seconds: float
    unknown: int

    def hours(self, workers: int) -> float:
        """Hours with so many workers, if all had a record to go by."""
        return self.seconds / max(1, workers) / 3600


def estimate_cost(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> Cost:
    """The cost by the median of finished trials of the same method, corpus and encoder, else of what is nearest."""
    known: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for record in records.values():
        if record.costs is not None:
            for key in _keys(record.method, record.corpus, record.encoder, str(record.config.get("recipe"))):
                known[key].append(record.costs.wall_s)
    medians = {key: statistics.median(values) for key, values in known.items()}
    seconds, unknown = 0.0, 0
    for config in configs:
        keys = _keys(config.method, config.corpus, config.encoder, str(config.recipe))
        found = next((medians[key] for key in keys if key in medians), None)
        seconds += found or 0.0
        unknown += found is None
    return Cost(seconds, unknown)


def _keys(method: str, corpus: str, encoder: str, recipe: str) -> list[tuple[str, ...]]:
    return [(method, corpus, encoder, recipe), (method, corpus, encoder), ("", corpus, encoder), (method, "", encoder)]


def longest_first(configs: Sequence[TrialConfig], records: Mapping[str, Record]) -> list[TrialConfig]:
    """The trials with the dearest first, so that the last workers finish together; corpora stay together."""
    cost = {config.id: estimate_cost([config], records).seconds for config in configs} if records else {}
    networks = {name: methods[name].networks * (2 if methods[name].reads_trajectories else 1) for name in methods}

    def key(config: TrialConfig) -> tuple[float, str, int]:
        name = split_call(config.method, "method")[0]
        return -cost.get(config.id, 0.0), config.corpus, -networks[name]

    return sorted(configs, key=key)
