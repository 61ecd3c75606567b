"""What trials share is made here, each once: corpus, noisy labels, encoded texts,
noise-rate estimates.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmark.contracts import LabelArray, generator
from benchmark.corpora import limit_corpus, load_corpus
from benchmark.corpora.corpus import Corpus, Split
from benchmark.noisy_labels.cache import noisy_from_saved, save_noisy_labels
from benchmark.noisy_labels.features import KINDS, BySplit, kinds_made_for, make_array
from benchmark.noisy_labels.inject import NoisyCorpus, inject_noise
from benchmark.records.artifacts import ArtifactCache
from benchmark.records.config import TrialConfig, digest
from benchmark.training.encoders.names import Encoder, encoder_from

ENCODING_THREADS = 2
"""Features are computed with a fixed number of threads, since the last bits depend on
it.
"""


CORPUS_FORM = 2
"""Raised when the stored form of a corpus changes, so that one of an older form is made
again.
"""


class ArtifactKeys(BaseModel):
    """Names of the artefacts that one trial reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str
    noise_arrays: dict[str, str]
    noisy_labels: str
    inputs: str
    rate_features: str
    rate: str | None


def artifact_keys(config: TrialConfig) -> ArtifactKeys:
    """The artefacts of a trial, named by what determines them."""
    limits = config.limits.model_dump()
    corpus = digest({"corpus": config.corpus, "card": config.card, "limits": limits, "form": CORPUS_FORM})
    noise = config.noise_parameters | {"version": config.noise_version, "source": config.noise_source}
    noisy = digest({"corpus": corpus, "noise": config.noise, "law": noise, "seed": config.seed})
    inputs = _inputs_key(corpus, encoder_from(config.encoder), config)
    features = _inputs_key(corpus, _rate_encoder(config), config)
    rate = digest({"noisy": noisy, "features": features, "estimator": config.estimator, "encoder": config.encoder})
    return ArtifactKeys(
        corpus=f"corpus-{corpus}",
        noise_arrays={kind: f"noise-{kind}-{corpus}" for kind in kinds_made_for(config.make_noise())},
        noisy_labels=f"noise-{noisy}",
        inputs=f"inputs-{inputs}",
        rate_features=f"inputs-{features}",
        rate=f"rate-{rate}" if config.estimator else None,
    )


def _inputs_key(corpus: str, encoder: Encoder, config: TrialConfig) -> str:
    tokens = config.recipe["max_tokens"]
    return digest(
        {"corpus": corpus, "kind": encoder.kind, "base": encoder.base, "weights": config.weights, "tokens": tokens}
    )


def _rate_encoder(config: TrialConfig) -> Encoder:
    """Rates are estimated on the encoder's features before training.

    Random weights have none, so a hash serves.
    """
    encoder = encoder_from(config.encoder)
    return encoder if encoder.kind == "scratch" else encoder_from(f"frozen:{encoder.base}")


@dataclass(frozen=True)
class Step:
    """One artefact of a trial: its name, what it is in words, how and from what it is
    made.
    """

    name: str
    what: str
    maker: Callable[[Path], None]
    sources: tuple[str, ...] = ()


def prepare(
    configs: list[TrialConfig],
    artefacts: ArtifactCache,
    device: str,
    on_message: Callable[[str], None],
    warn: Callable[[str], None] | None = None,
) -> None:
    """Make every artefact that the trials read and that is not there whole.

    Parameters
    ----------
    configs
        The trials.
    artefacts
        The folder of artefacts. One that is not what its sums say is put aside and
        made again, and so are those that were made from it.
    device
        Where encoders run.
    said
        Is told what is being made.
    warn
        Is told what is made again, and why; `on_message` where it is None.
    """
    done: set[str] = set()
    for config in configs:
        for step in _steps(config, artefacts, device):
            if step.name in done:
                continue
            done.add(step.name)
            if why := artefacts.trouble(step.name, step.sources):
                kept = artefacts.put_aside(step.name)
                (warn or on_message)(
                    f"{step.what} is made again: {step.name} is not what was written ({why}); see '{kept}'"
                )
            if not artefacts.place(step.name).is_dir():
                on_message(step.what)
                artefacts.make(step.name, step.maker, step.sources)


def _steps(config: TrialConfig, artefacts: ArtifactCache, device: str) -> Iterator[Step]:
    """The artefacts of a trial, each after those that it is made from."""
    names = artifact_keys(config)
    common: dict[str, Any] = {"artefacts": artefacts, "names": names, "config": config}
    on_device = partial(_make_inputs, **common, device=device)
    yield Step(names.corpus, f"corpus {config.corpus}", partial(_make_corpus, config=config))
    made: tuple[str, ...] = (names.corpus,)
    for kind, name in names.noise_arrays.items():
        maker = partial(_make_noise_array, kind=kind, artefacts=artefacts, names=names)
        yield Step(name, f"{KINDS[kind]} of {config.corpus} for noise", maker, made)
        made += (name,)
    labels = f"labels {config.noise} of {config.corpus}"
    yield Step(names.noisy_labels, labels, partial(_make_noisy_labels, **common), made)
    shown = f"{config.corpus} through {config.encoder}"
    yield Step(names.inputs, shown, partial(on_device, encoder=encoder_from(config.encoder)), (names.corpus,))
    if names.rate is not None:
        features = f"features of {config.corpus} for noise rates"
        yield Step(names.rate_features, features, partial(on_device, encoder=_rate_encoder(config)), (names.corpus,))
        rate = f"noise rate of {config.noise} on {config.corpus}"
        sources = (names.corpus, names.noisy_labels, names.rate_features)
        yield Step(names.rate, rate, partial(_make_rate, **common), sources)


def _make_corpus(path: Path, config: TrialConfig) -> None:
    corpus = limit_corpus(load_corpus(config.corpus), config.limits.by_split())
    splits = {
        name: {
            "ids": split.ids,
            "texts": split.texts,
            "clean_labels": split.clean_labels.tolist(),
            "observed": {source: labels.tolist() for source, labels in split.observed.items()},
            "votes": {source: votes.tolist() for source, votes in split.votes.items()},
        }
        for name, split in corpus.splits.items()
    }
    content = {"name": corpus.name, "label_names": corpus.label_names, "splits": splits}
    (path / "corpus.json").write_text(json.dumps(content), encoding="utf-8")


@lru_cache(maxsize=2)
def read_corpus(path: Path) -> Corpus:
    """The corpus of an artefact folder."""
    content = json.loads((path / "corpus.json").read_text(encoding="utf-8"))
    splits = {
        name: Split(
            ids=tuple(rows["ids"]),
            texts=tuple(rows["texts"]),
            clean_labels=np.asarray(rows["clean_labels"], dtype=np.int64),
            observed={source: np.asarray(labels, dtype=np.int64) for source, labels in rows["observed"].items()},
            votes={source: np.asarray(votes, dtype=np.int64) for source, votes in rows["votes"].items()},
        )
        for name, rows in content["splits"].items()
    }
    return Corpus(content["name"], tuple(content["label_names"]), splits)


def _make_noise_array(path: Path, kind: str, artefacts: ArtifactCache, names: ArtifactKeys) -> None:
    corpus = read_corpus(artefacts.use(names.corpus))
    for split, rows in make_array(kind, corpus, _read_noise_arrays(artefacts, names)).items():
        np.save(path / f"{split}.npy", rows)


def _make_noisy_labels(path: Path, artefacts: ArtifactCache, config: TrialConfig, names: ArtifactKeys) -> None:
    corpus = read_corpus(artefacts.use(names.corpus))
    noisy = inject_noise(corpus, config.make_noise(), config.seed, _read_noise_arrays(artefacts, names))
    save_noisy_labels(path / "labels.npz", noisy)


def _read_noise_arrays(artefacts: ArtifactCache, names: ArtifactKeys) -> dict[str, BySplit]:
    """Those of the trial's noise that are made already, by kind and split,
    memory-mapped.
    """
    places = {kind: artefacts.use(name) for kind, name in names.noise_arrays.items() if artefacts.place(name).is_dir()}
    return {kind: {file.stem: np.load(file, "r") for file in place.glob("*.npy")} for kind, place in places.items()}


def read_noisy(artefacts: ArtifactCache, names: ArtifactKeys) -> NoisyCorpus:
    """The noisy corpus of a trial, from its artefacts."""
    return noisy_from_saved(read_corpus(artefacts.use(names.corpus)), artefacts.use(names.noisy_labels) / "labels.npz")


def _make_inputs(
    path: Path, artefacts: ArtifactCache, names: ArtifactKeys, encoder: Encoder, config: TrialConfig, device: str
) -> None:
    from benchmark.training.encoders.encoding import pooled_features, tokenise

    corpus = read_corpus(artefacts.use(names.corpus))
    tokens = config.recipe["max_tokens"]
    with torch_threads(ENCODING_THREADS):
        for name, split in corpus.splits.items():
            if encoder.kind == "frozen":
                np.save(path / f"{name}.npy", pooled_features(encoder, split.texts, tokens, device))
            else:
                ids, starts, padding = tokenise(encoder, split.texts, tokens)
                np.save(path / f"{name}.tokens.npy", ids)
                np.save(path / f"{name}.starts.npy", starts)
                (path / "padding.json").write_text(json.dumps(padding), encoding="utf-8")


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Torch with a fixed number of threads inside the block."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def read_inputs(path: Path, split: str) -> Any:
    """The encoded texts of one split, memory-mapped."""
    from benchmark.training.inputs import FeatureInputs, TokenInputs

    if (path / f"{split}.npy").exists():
        features = np.load(path / f"{split}.npy", mmap_mode="r")
        return FeatureInputs(features, np.arange(len(features)))
    starts = np.load(path / f"{split}.starts.npy")
    padding = json.loads((path / "padding.json").read_text(encoding="utf-8"))
    tokens = np.load(path / f"{split}.tokens.npy", mmap_mode="r")
    return TokenInputs(tokens, starts, padding, np.arange(len(starts) - 1))


def _make_rate(path: Path, artefacts: ArtifactCache, config: TrialConfig, names: ArtifactKeys) -> None:
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


def rate_features(path: Path, rows: LabelArray) -> Any:
    """Features for rate estimators, float32 (N, D): the frozen encoder's, or hashed
    word counts without one.
    """
    inputs = read_inputs(path, "train")
    if hasattr(inputs, "features"):
        return np.asarray(inputs.features[rows], dtype=np.float32)
    counts = np.zeros((len(rows), 512), dtype=np.float32)
    for row, source in enumerate(rows):
        words = inputs.tokens[inputs.starts[source] : inputs.starts[source + 1]]
        np.add.at(counts[row], words % 512, 1.0)
    return counts


def read_rate(artefacts: ArtifactCache, names: ArtifactKeys) -> dict[str, Any] | None:
    """The shared estimate: estimator, rate and the seconds it took; None for trials
    without one.
    """
    if names.rate is None:
        return None
    content: dict[str, Any] = json.loads((artefacts.use(names.rate) / "rate.json").read_text(encoding="utf-8"))
    return content
