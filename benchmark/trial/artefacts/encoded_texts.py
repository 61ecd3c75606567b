"""The texts of a corpus as an encoder reads them: features, or token ids."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.training.encoders.names import Encoder
from benchmark.training.recipes import Recipe
from benchmark.trial.artefacts.corpus import read_corpus
from benchmark.trial.artefacts.keys import ArtefactKeys

LABEL_NAMES = "label_names"
"""The split under which methods find the names of the classes."""

OnTexts = Callable[[int, int, float], None]
"""Is told how many texts are encoded, how many there are, and the share of the work
that is done.
"""


def unheard(texts: int, every: int, share: float) -> None:
    """Tell nobody."""


WORDS = re.compile(r"[^\W_]+")

ENCODING_THREADS = 2
"""Small batches of features are computed with a fixed number of threads, since their
last bits depend on it; large ones go to all cores, one thread each.
"""


def encode_texts(
    path: Path,
    artefacts: ArtefactCache,
    names: ArtefactKeys,
    encoder: Encoder,
    config: TrialConfig,
    device: str,
    on_texts: OnTexts = unheard,
) -> None:
    """Encode every split of the trial's corpus and write the arrays."""
    corpus = read_corpus(artefacts.use(names.corpus))
    texts = {name: split.texts for name, split in corpus.splits.items()}
    _encode(path, texts, encoder, config, device, on_texts)


def encode_label_names(
    path: Path, artefacts: ArtefactCache, names: ArtefactKeys, encoder: Encoder, config: TrialConfig, device: str
) -> None:
    """Encode the names of the classes as texts and write the arrays.

    What joins words in a name, such as _ or a full stop, is read as a space.
    """
    corpus = read_corpus(artefacts.use(names.corpus))
    texts = [" ".join(WORDS.findall(name)) or name for name in corpus.label_names]
    _encode(path, {LABEL_NAMES: texts}, encoder, config, device)


def _encode(
    path: Path,
    texts: Mapping[str, Sequence[str]],
    encoder: Encoder,
    config: TrialConfig,
    device: str,
    on_texts: OnTexts = unheard,
) -> None:
    from benchmark.features.embedding import features_of
    from benchmark.training.encoders.encoding import tokenise

    recipe = Recipe(**config.recipe)
    every, done = sum(map(len, texts.values())), 0
    with torch_threads(ENCODING_THREADS):
        for name, part in texts.items():
            if encoder.kind == "frozen":
                on_batch = partial(_told, on_texts, done, len(part), every)
                features = features_of(encoder, part, recipe.max_tokens, device, recipe.precision, on_batch)
                np.save(path / f"{name}.npy", features)
                done += len(part)
            else:
                ids, starts, padding = tokenise(encoder, part, recipe.max_tokens)
                np.save(path / f"{name}.tokens.npy", ids)
                np.save(path / f"{name}.starts.npy", starts)
                (path / "padding.json").write_text(json.dumps(padding), encoding="utf-8")


def _told(on_texts: OnTexts, before: int, part: int, every: int, rows: int, share: float) -> None:
    """Tell of a batch of one split what it is of all splits."""
    on_texts(before + rows, every, (before + part * share) / max(1, every))


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
