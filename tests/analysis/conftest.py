"""Synthetic records: methods of known skill on test examples of known difficulty."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.result_set import ResultSet
from benchmark.records.config import digest as config_digest
from benchmark.records.schema import RULES, Costs, Failure, Manifest, Provenance, RateUsed, Record, Selection, pack_bits


def digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


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
        oracle = "oracle" in method
        networks = self.networks.get(method, 1)
        correct = self._correct(method, corpus, noise, seed, rate or 0.0, accuracy)
        share = float(correct.mean())
        packed = pack_bits(correct) if bits else None
        metrics = {
            "test_accuracy": share,
            "test_macro_f1": max(share - 0.01, 0.0),
            "noisy_valid_accuracy": share * (1 - (rate or 0)),
        }
        if networks > 1:
            metrics["test_accuracy_single"] = max(share - 0.02, 0.0)
        done = status == "done"
        rate_used = None
        if method.startswith("rated"):
            rate_used = RateUsed(
                source="oracle" if oracle else "estimated",
                estimator="confident_joint",
                value=(rate or 0) + 0.05,
                error=0.05,
            )
        manifest = Manifest(
            noise=noise,
            fingerprint=digest("labels", corpus, noise, seed, labels),
            corpus_fingerprint=digest(corpus),
            num_classes=6,
            train_rows=4906,
            valid_rows=546,
            test_rows=self.rows,
            requested_rate=rate,
            realised_rate=rate if rate is not None else 0.0 if kind == "clean" else 0.31,
            realised_valid_rate=rate,
            rate_by_class=[rate] * 6,
            transition_matrix=np.eye(6).tolist(),
        )
        given: dict[str, object] = {
            "protocol": self.protocol,
            "trial": config_digest(config),
            "cell": cell,
            "status": status,
            "method": method,
            "family": "baseline" if method == "cross_entropy" else "loss" if "ce" in method else "selection",
            "method_version": version,
            "networks": networks,
            "needs": ["noise_rate"] if oracle else [],
            "oracle": oracle,
            "control": method == "majority",
            "corpus": corpus,
            "noise": noise,
            "noise_kind": kind,
            "noise_rate": rate,
            "encoder": self.encoder,
            "recipe": self.recipe,
            "seed": seed,
            "config": config,
            "manifest": manifest,
            "selections": {
                rule: Selection(stage=1, fraction=1.0, metrics=metrics, correct=packed) for rule in rules if done
            },
            "train_metrics": {"memorised": 0.9, "suspicion_auroc": 0.8} if done else {},
            "rate_used": rate_used,
            "costs": Costs(
                wall_s=wall_s if wall_s is not None else 10.0 * networks + seed,
                seconds={"fit": 9.0, "score": 1.0},
                forward_texts=50_000 * networks,
                backward_texts=49_000 * networks,
                peak_mib=900.0 + seed,
                device="cpu",
                threads=1,
            )
            if done
            else None,
            "provenance": Provenance(
                benchmark_version="0.1.0",
                git_commit="abc123",
                code_digest=digest("code", method),
                versions={"torch": "2.8.0", "numpy": "2.2.0"},
                created=created,
            ),
            "failure": None
            if done
            else Failure(error_class="ValueError", message="loss is not finite", traceback_tail=["in fit"]),
        }
        return Record.model_validate(given | changes)

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


@pytest.fixture
def factory() -> Factory:
    return Factory()


@pytest.fixture
def result_set_of():
    """The one setting of some records, after separation."""

    def make(records: Iterable[Record], reference: str = "cross_entropy") -> ResultSet:
        kept = comparable_groups(tidy(records)).kept
        encoder, recipe = kept["encoder"].iloc[0], kept["recipe"].iloc[0]
        return ResultSet(encoder, recipe, kept, reference)

    return make
