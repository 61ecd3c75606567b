"""Every noise-rate estimator on every cell: what each says, and how far off it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmark.contracts import BenchmarkError, generator
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.training.threads import torch_threads
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.artefacts.noise_rate import rate_features
from benchmark.trial.artefacts.noisy_labels import read_noisy
from benchmark.trial.prepare import prepare
from methods.shared.noise_rates import DEFAULT_ESTIMATOR, ESTIMATORS, estimate_noise_rate

__all__ = ["DEFAULT_ESTIMATOR", "Estimate", "estimates"]


@dataclass(frozen=True)
class Estimate:
    """What one estimator says of one cell and seed.

    `error` is estimate minus true rate.
    """

    corpus: str
    noise: str
    encoder: str
    seed: int
    estimator: str
    true_rate: float
    estimate: float
    error: float
    seconds: float


def estimates(
    configs: Sequence[TrialConfig], artefacts: ArtefactCache, on_message: Callable[[str], None]
) -> Iterator[Estimate]:
    """Yield what all estimators say on each corpus, noise, encoder and seed of the
    trials, in their order.

    No method is trained.
    """
    seen = set()
    for config in configs:
        cell = config.corpus, config.noise, config.encoder, config.seed
        if cell in seen:
            continue
        seen.add(cell)
        names = artefact_keys(config)
        prepare([config], artefacts, "cpu", on_message)
        noisy = read_noisy(artefacts, names)
        features = rate_features(artefacts.use(names.rate_features), noisy.train_rows)
        true = noisy.manifest.realised_rate
        if true is None:
            raise BenchmarkError(
                f"Corpus '{config.corpus}' has no clean labels, so no estimate can be told right or wrong."
            )
        for name in ESTIMATORS:
            draws = generator("noise rate", config.corpus, config.noise, config.seed)
            started = time.perf_counter()
            with torch_threads(1):
                value = estimate_noise_rate(name, features, noisy.train_labels, noisy.manifest.num_classes, draws)
            yield Estimate(*cell, name, true, value, value - true, time.perf_counter() - started)
