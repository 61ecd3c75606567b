"""Features of texts, from the cache where the same texts were encoded before."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from benchmark.features.parts import in_parts
from benchmark.features.vocabulary import vocabulary_digest
from benchmark.files import kept_arrays
from benchmark.files.turns import in_turn
from benchmark.training.encoders.encoding import FeatureArray, OnBatch, parts_of_whole_batches, pooled_features
from benchmark.training.encoders.names import Encoder
from benchmark.training.threads import ENCODING_THREADS, torch_threads

FORM = 1
"""Raised when the way to make features changes, so that older ones are not used."""

BATCHES_A_PART = 32
"""A long list is made and kept so many batches at a time."""


def features_of(
    encoder: Encoder,
    texts: Sequence[str],
    max_tokens: int,
    device: str = "cpu",
    precision: str = "float32",
    on_batch: OnBatch = lambda rows, share: None,
) -> FeatureArray:
    """Give what `pooled_features` gives with a fixed number of torch's threads, to the
    bit, and keep it for the next time.

    Features are kept by all that decides their bits: the texts in their order, the
    encoder's files, the length, the precision, the processor and the versions of torch
    and transformers. Where a file lies and what it is called decide nothing. Features
    that another process is making are waited for, and `on_batch` is told how far that
    process is. An encoding that was interrupted goes on behind the last part that it
    made.
    """
    folder = encoder.folder()
    if folder is None or not kept_arrays.limit_bytes():
        with torch_threads(ENCODING_THREADS):
            return pooled_features(encoder, texts, max_tokens, device, precision, on_batch)
    setting = {
        "form": FORM,
        "weights": encoder.weights_digest(),
        "vocabulary": vocabulary_digest(folder),
        "tokens": max_tokens,
        "precision": precision,
        **_arithmetic(device),
    }
    key = kept_arrays.key_of(setting, texts)
    found = _kept(key, texts)
    if found is None:
        with in_turn(kept_arrays.lock_of("features", key), lambda word: on_batch(*_progress_in(word))) as tell:
            found = _kept(key, texts)
            if found is None:

                def told(rows: int, share: float) -> None:
                    on_batch(rows, share)
                    tell(f"{rows} {share}")

                def made(some: Sequence[str], heard: OnBatch) -> FeatureArray:
                    return pooled_features(encoder, some, max_tokens, device, precision, heard)

                few = len(texts) <= BATCHES_A_PART
                parts = [] if few else parts_of_whole_batches(encoder, texts, max_tokens, device, BATCHES_A_PART)
                with torch_threads(ENCODING_THREADS), in_parts(texts, parts, setting, made, told) as found:
                    kept_arrays.write("features", key, found)
                return found
    on_batch(len(texts), 1.0)
    return found


def _kept(key: str, texts: Sequence[str]) -> FeatureArray | None:
    found = kept_arrays.read("features", key)
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

    on_gpu = device.startswith("cuda")
    return {
        "torch": str(torch.__version__),
        "transformers": version("transformers"),
        "processor": torch.cuda.get_device_name(device) if on_gpu else torch.backends.cpu.get_cpu_capability(),
        "threads": 0 if on_gpu else ENCODING_THREADS,
    }
