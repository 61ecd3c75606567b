"""Noisy labels, and the arrays that a noise reads to make them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.noisy_labels.cache import noisy_from_saved, save_noisy_labels
from benchmark.noisy_labels.features import BySplit, make_array
from benchmark.noisy_labels.inject import NoisyCorpus, inject_noise
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.trial.artefacts.corpus import read_corpus
from benchmark.trial.artefacts.keys import ArtefactKeys


def make_noise_array(path: Path, kind: str, artefacts: ArtefactCache, names: ArtefactKeys) -> None:
    """Write one kind of array for each split, as `SPLIT.npy`."""
    corpus = read_corpus(artefacts.use(names.corpus))
    for split, rows in make_array(kind, corpus, _read_noise_arrays(artefacts, names)).items():
        np.save(path / f"{split}.npy", rows)


def make_noisy_labels(path: Path, artefacts: ArtefactCache, config: TrialConfig, names: ArtefactKeys) -> None:
    """Draw the noisy labels of every split and write them."""
    corpus = read_corpus(artefacts.use(names.corpus))
    noisy = inject_noise(corpus, config.make_noise(), config.seed, _read_noise_arrays(artefacts, names))
    save_noisy_labels(path / "labels.npz", noisy)


def _read_noise_arrays(artefacts: ArtefactCache, names: ArtefactKeys) -> dict[str, BySplit]:
    """Read those arrays of the trial's noise that are made already, by kind and split,
    memory-mapped.
    """
    places = {kind: artefacts.use(name) for kind, name in names.noise_arrays.items() if artefacts.place(name).is_dir()}
    return {kind: {file.stem: np.load(file, "r") for file in place.glob("*.npy")} for kind, place in places.items()}


def read_noisy(artefacts: ArtefactCache, names: ArtefactKeys) -> NoisyCorpus:
    """Read the noisy corpus of a trial from its artefacts."""
    return noisy_from_saved(read_corpus(artefacts.use(names.corpus)), artefacts.use(names.noisy_labels) / "labels.npz")
