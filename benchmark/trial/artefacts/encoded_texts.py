"""The texts of a corpus as an encoder reads them: features, or token ids."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.recipes import Recipe
from benchmark.trial.artefacts.corpus import read_corpus
from benchmark.trial.artefacts.keys import ArtefactKeys

if TYPE_CHECKING:
    from benchmark.training.encoders.encoding import OnBatch
    from benchmark.training.inputs import FeatureInputs, TokenInputs

LABEL_NAMES = "label_names"
"""The split under which methods find the names of the classes."""

OnTexts = Callable[[int, int, float], None]
"""Is told how many texts are encoded, how many there are, and the share of the work
that is done.
"""


def unheard(texts: int, every: int, share: float) -> None:
    """Tell nobody."""


WORDS = re.compile(r"[^\W_]+")


def encode_texts(
    path: Path,
    artefacts: ArtefactCache,
    names: ArtefactKeys,
    config: TrialConfig,
    device: str,
    on_texts: OnTexts = unheard,
    untrained: bool = False,
) -> None:
    """Encode every split of the trial's corpus and write the arrays.

    They are what the trial's networks read, or, where `untrained` is true, the features
    that the encoder gives without any training.
    """
    encoder = encoder_from(config.encoder)
    encoder = encoder.without_training if untrained else encoder
    corpus = read_corpus(artefacts.use(names.corpus))
    texts = {name: split.texts for name, split in corpus.splits.items()}
    _encode(path, texts, encoder, config, device, on_texts)


def encode_label_names(
    path: Path, artefacts: ArtefactCache, names: ArtefactKeys, config: TrialConfig, device: str
) -> None:
    """Encode the names of the classes as texts and write the arrays.

    What joins words in a name, such as _ or a full stop, is read as a space.
    """
    corpus = read_corpus(artefacts.use(names.corpus))
    texts = [" ".join(WORDS.findall(name)) or name for name in corpus.label_names]
    _encode(path, {LABEL_NAMES: texts}, encoder_from(config.encoder), config, device)


def _encode(
    path: Path,
    texts: Mapping[str, Sequence[str]],
    encoder: Encoder,
    config: TrialConfig,
    device: str,
    on_texts: OnTexts = unheard,
) -> None:
    recipe = Recipe(**config.recipe)
    every, done = sum(map(len, texts.values())), 0
    for name, part in texts.items():
        on_batch = partial(_told, on_texts, done, len(part), every)
        _write(path, name, inputs_of(encoder, part, recipe, device, on_batch))
        done += len(part)


def inputs_of(
    encoder: Encoder,
    texts: Sequence[str],
    recipe: Recipe,
    device: str,
    on_batch: OnBatch = lambda rows, share: None,
) -> FeatureInputs | TokenInputs:
    """Give texts as the networks of a trial read them.

    `on_batch` is told how far a frozen encoder is.
    """
    from benchmark.features.embedding import features_of
    from benchmark.training.encoders.encoding import tokenise
    from benchmark.training.inputs import FeatureInputs, TokenInputs

    if encoder.kind == "frozen":
        features = features_of(encoder, texts, recipe.max_tokens, device, recipe.precision, on_batch)
        return FeatureInputs(features, np.arange(len(texts)))
    tokens, starts, padding = tokenise(encoder, texts, recipe.max_tokens)
    return TokenInputs(tokens, starts, padding, np.arange(len(texts)))


def _write(path: Path, split: str, inputs: FeatureInputs | TokenInputs) -> None:
    """Write all rows of the inputs of one split, as `read_inputs` reads them."""
    from benchmark.training.inputs import FeatureInputs

    if isinstance(inputs, FeatureInputs):
        np.save(path / f"{split}.npy", inputs.features)
        return
    np.save(path / f"{split}.tokens.npy", inputs.tokens)
    np.save(path / f"{split}.starts.npy", inputs.starts)
    (path / "padding.json").write_text(json.dumps(inputs.padding), encoding="utf-8")


def _told(on_texts: OnTexts, before: int, part: int, every: int, rows: int, share: float) -> None:
    """Tell of a batch of one split what it is of all splits."""
    on_texts(before + rows, every, (before + part * share) / max(1, every))


def read_inputs(path: Path, split: str) -> FeatureInputs | TokenInputs:
    """Read the encoded texts of one split, memory-mapped."""
    from benchmark.training.inputs import FeatureInputs, TokenInputs

    if (path / f"{split}.npy").exists():
        features = np.load(path / f"{split}.npy", mmap_mode="r")
        return FeatureInputs(features, np.arange(len(features)))
    starts = np.load(path / f"{split}.starts.npy")
    padding = json.loads((path / "padding.json").read_text(encoding="utf-8"))
    tokens = np.load(path / f"{split}.tokens.npy", mmap_mode="r")
    return TokenInputs(tokens, starts, padding, np.arange(len(starts) - 1))
