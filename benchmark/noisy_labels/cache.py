"""Noisy labels as files: written whole or not at all, read back only if they are what
was written.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_hex
from benchmark.corpora.corpus import Corpus
from benchmark.files.durable import write_whole
from benchmark.noisy_labels.inject import NoisyCorpus, NoisyLabels, labels_fingerprint, tested
from benchmark.records.schema import Manifest

ARRAYS = ("train_labels", "valid_labels", "train_rows", "valid_rows")


def save_noisy_labels(path: Path, noisy: NoisyLabels) -> None:
    """Write labels, row numbers and manifest to an npz file without pickle, whole or
    not at all.
    """
    arrays = {name: getattr(noisy, name).astype("<i8") for name in ARRAYS}
    arrays["about"] = np.frombuffer(f"{noisy.valid_source}\n{noisy.manifest.model_dump_json()}".encode(), np.uint8)
    arrays["digest"] = np.frombuffer(_digest(arrays), np.uint8)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    write_whole(path, content.getvalue())


def load_noisy_labels(path: Path) -> NoisyLabels:
    """What `save_noisy_labels` wrote; a missing or damaged file is an error."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in (*ARRAYS, "about", "digest")}
        if arrays.pop("digest").tobytes() != _digest(arrays):
            raise ValueError("its contents do not match their digest")
        source, text = arrays["about"].tobytes().decode().split("\n", 1)
        manifest = Manifest.model_validate_json(text)
    except FileNotFoundError:
        raise BenchmarkError(f"There are no noisy labels at {path}.") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, ValidationError) as problem:
        raise BenchmarkError(f"The noisy labels at {path} are damaged ({problem}). Move it away.") from None
    train_labels, valid_labels, train_rows, valid_rows = (arrays[name].astype(np.int64) for name in ARRAYS)
    return NoisyLabels(train_labels, valid_labels, train_rows, valid_rows, source, manifest)


def noisy_from_saved(corpus: Corpus, path: Path) -> NoisyCorpus:
    """The noisy corpus of a stored file.

    A file made from another corpus is an error.
    """
    saved = load_noisy_labels(path)
    made_from, given = saved.manifest.corpus_fingerprint, corpus.fingerprint()
    if made_from != given:
        raise BenchmarkError(
            f"The noisy labels at {path} belong to a corpus with fingerprint {made_from}; "
            f"'{corpus.name}' has {given}. Move it away."
        )
    train, valid = (
        corpus.splits["train"].rows(saved.train_rows),
        corpus.splits[saved.valid_source].rows(saved.valid_rows),
    )
    if labels_fingerprint((train, valid), (saved.train_labels, saved.valid_labels)) != saved.manifest.fingerprint:
        raise BenchmarkError(f"The noisy labels at {path} do not match their own fingerprint. Move it away.")
    test, test_rows = tested(corpus, saved.manifest)
    return NoisyCorpus(**vars(saved), train=train, valid=valid, test=test, test_rows=test_rows)


def _digest(arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    parts: list[str | bytes] = []
    for name in sorted(arrays):
        parts += [f"{name}\x1e{arrays[name].dtype.str}\x1e{arrays[name].shape}\x1e", arrays[name].tobytes()]
    return bytes.fromhex(sha256_hex(*parts))
