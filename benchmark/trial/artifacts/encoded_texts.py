"""The texts of a corpus as an encoder reads them: features, or token ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.records.artifacts import ArtifactCache
from benchmark.records.config import TrialConfig
from benchmark.training.encoders.names import Encoder
from benchmark.training.recipes import Recipe
from benchmark.trial.artifacts.corpus import read_corpus
from benchmark.trial.artifacts.keys import ArtifactKeys

ENCODING_THREADS = 2
"""Features are computed with a fixed number of threads, since the last bits depend on
it.
"""


def encode_texts(
    path: Path, artefacts: ArtifactCache, names: ArtifactKeys, encoder: Encoder, config: TrialConfig, device: str
) -> None:
    """Encode every split of the trial's corpus and write the arrays."""
    from benchmark.training.encoders.encoding import pooled_features, tokenise

    corpus = read_corpus(artefacts.use(names.corpus))
    recipe = Recipe(**config.recipe)
    with torch_threads(ENCODING_THREADS):
        for name, split in corpus.splits.items():
            if encoder.kind == "frozen":
                features = pooled_features(encoder, split.texts, recipe.max_tokens, device, recipe.precision)
                np.save(path / f"{name}.npy", features)
            else:
                ids, starts, padding = tokenise(encoder, split.texts, recipe.max_tokens)
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
