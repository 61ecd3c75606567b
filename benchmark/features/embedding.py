"""Features of texts, from the cache where the same texts were encoded before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from benchmark.contracts.hashes import sha256_hex, sha256_of_file
from benchmark.features import store
from benchmark.features.store import FeatureArray
from benchmark.files.turns import in_turn
from benchmark.training.encoders.encoding import OnBatch, pooled_features
from benchmark.training.encoders.names import FETCHED_FILES, Encoder

FORM = 1
"""Raised when the way to make features changes, so that older ones are not used."""


def features_of(
    encoder: Encoder,
    texts: Sequence[str],
    max_tokens: int,
    device: str = "cpu",
    precision: str = "float32",
    on_batch: OnBatch = lambda rows, share: None,
) -> FeatureArray:
    """Give what `pooled_features` gives, to the bit, and keep it for the next time.

    Features are kept by all that decides their bits: the texts in their order, the
    encoder's files, the length, the precision, torch's threads, the processor and the
    versions of torch and transformers. Where a file lies and what it is called decide
    nothing. Features that another process is making are waited for, and `on_batch` is
    told how far that process is.
    """
    folder = encoder.folder()
    if folder is None or not store.limit_bytes():
        return pooled_features(encoder, texts, max_tokens, device, precision, on_batch)
    setting = {
        "form": FORM,
        "weights": encoder.weights_digest(),
        "vocabulary": _vocabulary_digest(folder),
        "tokens": max_tokens,
        "precision": precision,
        **_arithmetic(device),
    }
    lengths = json.dumps([len(text) for text in texts])
    key = sha256_hex(json.dumps(setting, sort_keys=True), lengths, *texts)
    found = _kept(key, texts)
    if found is None:
        with in_turn(store.lock_of(key), lambda word: on_batch(*_progress_in(word))) as tell:
            found = _kept(key, texts)
            if found is None:

                def told(rows: int, share: float) -> None:
                    on_batch(rows, share)
                    tell(f"{rows} {share}")

                found = pooled_features(encoder, texts, max_tokens, device, precision, told)
                store.write(key, found)
                return found
    on_batch(len(texts), 1.0)
    return found


def _kept(key: str, texts: Sequence[str]) -> FeatureArray | None:
    found = store.read(key)
    return found if found is not None and len(found) == len(texts) else None


def _progress_in(word: str) -> tuple[int, float]:
    """How far the process is that makes the features, by the word that it left."""
    rows, _, share = word.partition(" ")
    try:
        return int(rows), float(share)
    except ValueError:
        return 0, 0.0


def _arithmetic(device: str) -> dict[str, str | int]:
    """What of this machine decides the last bits."""
    import torch
    import transformers

    on_gpu = device.startswith("cuda")
    return {
        "torch": str(torch.__version__),
        "transformers": transformers.__version__,
        "processor": torch.cuda.get_device_name(device) if on_gpu else torch.backends.cpu.get_cpu_capability(),
        "threads": 0 if on_gpu else torch.get_num_threads(),
    }


@cache
def _vocabulary_digest(folder: Path) -> str:
    """Give the sha256 of all files beside the weights that a tokenizer may read."""
    found = {path for pattern in FETCHED_FILES if pattern != "*.safetensors" for path in folder.glob(pattern)}
    return sha256_hex(*(f"{path.name}\n{sha256_of_file(path)}\n" for path in sorted(found)))
