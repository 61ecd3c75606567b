"""The noise rate that is estimated from noisy labels, with what the estimate cost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray, generator
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.training.threads import torch_threads
from benchmark.trial.artefacts.corpus import read_corpus
from benchmark.trial.artefacts.encoded_texts import read_inputs
from benchmark.trial.artefacts.keys import ArtefactKeys
from benchmark.trial.artefacts.noisy_labels import read_noisy


def make_rate(path: Path, artefacts: ArtefactCache, config: TrialConfig, names: ArtefactKeys) -> None:
    """Estimate the noise rate of a trial and write it with its seconds."""
    from methods.shared.noise_rates import estimate_noise_rate

    started = time.perf_counter()
    noisy = read_noisy(artefacts, names)
    corpus = read_corpus(artefacts.use(names.corpus))
    features = rate_features(artefacts.use(names.rate_features), noisy.train_rows)
    draws = generator("noise rate", config.corpus, config.noise, config.seed)
    name = config.estimator or ""
    with torch_threads(1):
        value = estimate_noise_rate(name, features, noisy.train_labels, corpus.num_classes, draws)
    content = {"estimator": name, "rate": value, "seconds": time.perf_counter() - started}
    (path / "rate.json").write_text(json.dumps(content), encoding="utf-8")


def rate_features(path: Path, rows: LabelArray) -> npt.NDArray[np.float32]:
    """Give features for rate estimators, float32 (N, D), those of the frozen encoder,
    or hashed word counts without one.
    """
    from benchmark.training.inputs import FeatureInputs

    inputs = read_inputs(path, "train")
    if isinstance(inputs, FeatureInputs):
        return np.asarray(inputs.features[rows], dtype=np.float32)
    counts = np.zeros((len(rows), 512), dtype=np.float32)
    for row, source in enumerate(rows):
        words = inputs.tokens[inputs.starts[source] : inputs.starts[source + 1]]
        np.add.at(counts[row], words % 512, 1.0)
    return counts


def read_rate(artefacts: ArtefactCache, names: ArtefactKeys) -> dict[str, Any] | None:
    """Read the shared estimate: estimator, rate and the seconds it took.

    A trial without one gives None.
    """
    if names.rate is None:
        return None
    content: dict[str, Any] = json.loads((artefacts.use(names.rate) / "rate.json").read_text(encoding="utf-8"))
    return content
