"""Synthetic records: methods of known skill on test examples of known difficulty."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.records.config import digest as config_digest
from benchmark.records.schema import RULES, Costs, Failure, Manifest, Provenance, RateUsed, Record, pack_bits
from benchmark.speed.made_records import made_manifest, made_selections


def digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


FAILURE = Failure(error_class="ValueError", message="loss is not finite", traceback_tail=["in fit"])


def rate_used(method: str, rate: float) -> RateUsed | None:
    """The rate that a method whose name starts with `rated` was told."""
    if not method.startswith("rated"):
        return None
    source = "oracle" if "oracle" in method else "estimated"
    return RateUsed(source=source, estimator="confident_joint", value=rate + 0.05, error=0.05)


def made_provenance(method: str, created: str) -> Provenance:
    return Provenance(
        benchmark_version="0.1.0",
        git_commit="abc123",
        code_digest=digest("code", method),
        versions={"torch": "2.8.0", "numpy": "2.2.0"},
        created=created,
    )


@dataclass
class Factory:
    """Makes records; the same arguments give the same record."""

    rows: int = 200
    encoder: str = "minilm"
    recipe: str = "frozen"
    protocol: int = 1
    skills: dict[str, float] = field(default_factory=dict)
    networks: dict[str, int] = field(default_factory=dict)

    def noise(self, text: str) -> tuple[str, float | None]:
        kind, _, inner = text.partition("(")
        try:
            return kind, float(inner.rstrip(")"))
        except ValueError:
            return (kind, None) if kind == "clean" else (text, None)

    def record(
        self,
        method: str = "cross_entropy",
        noise: str = "symmetric(0.4)",
        seed: int = 1,
        corpus: str = "trec",
        *,
        accuracy: float | None = None,
        status: str = "done",
        rules: Sequence[str] = RULES,
        limits: str = "",
        labels: str = "",
        created: str = "2026-01-01T00:00:00Z",
        version: int = 1,
        bits: bool = True,
        wall_s: float | None = None,
        **changes: object,
    ) -> Record:
        kind, rate = self.noise(noise)
        cell = digest(corpus, noise, self.encoder, self.recipe, self.protocol, limits)
        config = {"method": method, "limits": limits, "seed": seed, "version": version, "labels": labels, "cell": cell}
        correct = self._correct(method, corpus, noise, seed, rate or 0.0, accuracy)
        metrics = self._metrics(method, float(correct.mean()), rate or 0.0)
        done = status == "done"
        given: dict[str, object] = {
            "protocol": self.protocol,
            "trial": config_digest(config),
            "cell": cell,
            "status": status,
            **self._method(method, version),
            "corpus": corpus,
            "noise": noise,
            "noise_kind": kind,
            "noise_rate": rate,
            "encoder": self.encoder,
            "recipe": self.recipe,
            "seed": seed,
            "config": config,
            "manifest": self._manifest(corpus, noise, seed, labels),
            "selections": made_selections(metrics, pack_bits(correct) if bits else None, rules if done else ()),
            "train_metrics": {"memorised": 0.9, "suspicion_auroc": 0.8} if done else {},
            "rate_used": rate_used(method, rate or 0),
            "costs": self._costs(method, seed, wall_s) if done else None,
            "provenance": made_provenance(method, created),
            "failure": None if done else FAILURE,
        }
        return Record.model_validate(given | changes)

    def _method(self, method: str, version: int) -> dict[str, object]:
        oracle = "oracle" in method
        return {
            "method": method,
            "family": "baseline" if method == "cross_entropy" else "loss" if "ce" in method else "selection",
            "method_version": version,
            "networks": self.networks.get(method, 1),
            "needs": ["noise_rate"] if oracle else [],
            "oracle": oracle,
            "control": method == "majority",
        }

    def _metrics(self, method: str, share: float, rate: float) -> dict[str, float]:
        metrics = {
            "test_accuracy": share,
            "test_macro_f1": max(share - 0.01, 0.0),
            "noisy_valid_accuracy": share * (1 - rate),
        }
        return metrics | ({"test_accuracy_single": max(share - 0.02, 0.0)} if self.networks.get(method, 1) > 1 else {})

    def _manifest(self, corpus: str, noise: str, seed: int, labels: str) -> Manifest:
        kind, rate = self.noise(noise)
        return made_manifest(
            noise,
            6,
            (4906, 546, self.rows),
            rate,
            fingerprint=digest("labels", corpus, noise, seed, labels),
            corpus_fingerprint=digest(corpus),
            requested_rate=rate,
            realised_rate=rate if rate is not None else 0.0 if kind == "clean" else 0.31,
            realised_valid_rate=rate,
        )

    def _costs(self, method: str, seed: int, wall_s: float | None) -> Costs:
        networks = self.networks.get(method, 1)
        return Costs(
            wall_s=wall_s if wall_s is not None else 10.0 * networks + seed,
            seconds={"fit": 9.0, "score": 1.0},
            forward_texts=50_000 * networks,
            backward_texts=49_000 * networks,
            peak_mib=900.0 + seed,
            device="cpu",
            threads=1,
        )

    def grid(
        self, methods: Iterable[str], noises: Iterable[str], seeds: Iterable[int], corpora: Iterable[str] = ("trec",)
    ) -> list[Record]:
        return [
            self.record(method, noise, seed, corpus)
            for corpus in corpora
            for noise in noises
            for method in methods
            for seed in seeds
        ]

    def _correct(
        self, method: str, corpus: str, noise: str, seed: int, rate: float, accuracy: float | None
    ) -> np.ndarray:
        if accuracy is not None:
            return np.arange(self.rows) < round(accuracy * self.rows)
        easy = np.random.default_rng(int(digest(corpus), 16) % 2**32).normal(1.2, 1.0, self.rows)
        own = np.random.default_rng(int(digest(method, corpus, noise, seed), 16) % 2**32)
        skill = self.skills.get(method, 0.0) + own.normal(0, 0.05)
        return easy + skill - 1.5 * rate + own.normal(0, 0.5, self.rows) > 0


def agreeing(record: Record) -> Record:
    """The record as it would be without clean test labels."""
    selections = {}
    for rule, chosen in record.selections.items():
        metrics = {name.replace("test_", "noisy_test_", 1): value for name, value in chosen.metrics.items()}
        selections[rule] = chosen.model_copy(update={"metrics": metrics})
    return record.model_copy(update={"selections": selections})
