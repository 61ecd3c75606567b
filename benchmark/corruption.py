"""From a corpus and a noise model to what all trials of a cell share: splits, noisy labels and their manifest."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from benchmark.contracts import UNLABELLED, BenchmarkError, Draws, LabelArray, NoiseInputs, NoiseModel, uniform_by_id
from benchmark.corpora.corpus import Corpus, Split
from benchmark.noise_arrays import BySplit, arrays_for, kinds_read_by, rows_of
from benchmark.records import Manifest

log = logging.getLogger(__name__)

VALID_FRACTION = 0.1

ARRAYS = ("train_labels", "valid_labels", "train_rows", "valid_rows")


@dataclass(frozen=True, eq=False)
class NoisyLabels:
    """Noisy labels apart from the texts, as stored.

    Labels and rows are int64, aligned within a split. `train_rows` are row numbers of the corpus's train split,
    `valid_rows` of the split `valid_source`: `valid`, or `train` where validation was carved off it.
    """

    train_labels: LabelArray
    valid_labels: LabelArray
    train_rows: LabelArray
    valid_rows: LabelArray
    valid_source: str
    manifest: Manifest


@dataclass(frozen=True, eq=False)
class NoisyCorpus(NoisyLabels):
    """Noisy labels with their splits: unlabelled rows dropped, validation carved, test as it was."""

    train: Split
    valid: Split
    test: Split


def corrupt(
    corpus: Corpus,
    noise: NoiseModel,
    seed: int,
    arrays: Mapping[str, BySplit] | None = None,
    valid_fraction: float = VALID_FRACTION,
) -> NoisyCorpus:
    """The corpus under the noise; equal arguments give equal labels in every process.

    Training and validation meet the same mechanism, each with its own draws; the test split stays as it is.
    A corpus without a labelled validation split gives up `valid_fraction` of train, by hash of the id, stratified
    by noisy label. `arrays`: what `arrays_for` gives, by kind and split; made here if not given.
    """
    if not 0.0 < valid_fraction < 1.0:
        raise BenchmarkError(f"valid_fraction is {valid_fraction:g} and must lie between 0 and 1.")
    arrays = arrays_for(corpus, noise) if arrays is None else arrays
    train = valid = _noisy_labels(corpus, "train", noise, seed, arrays)
    train_rows = np.flatnonzero(train != UNLABELLED)
    if len(train_rows) == 0:
        raise BenchmarkError(f"Noise '{noise}' labels no training text of corpus '{corpus.name}'.")
    _warn_of_vanished(corpus, noise, train)
    unlabelled, source = len(train) - len(train_rows), "train"
    valid_rows = np.empty(0, dtype=np.int64)
    if "valid" in corpus.splits:
        own = _noisy_labels(corpus, "valid", noise, seed, arrays)
        valid_rows = np.flatnonzero(own != UNLABELLED)
        if len(valid_rows):
            valid, source = own, "valid"
    if source == "train":
        carved = _carve(corpus, train_rows, train[train_rows], valid_fraction)
        train_rows, valid_rows = train_rows[~carved], train_rows[carved]
    kept = corpus.splits["train"].rows(train_rows), corpus.splits[source].rows(valid_rows)
    labels = train[train_rows], valid[valid_rows]
    return NoisyCorpus(
        *labels,
        train_rows,
        valid_rows,
        source,
        _manifest(corpus, noise, kept, labels, unlabelled),
        *kept,
        corpus.splits["test"],
    )


def identifiability_warning(noise: NoiseModel, num_classes: int) -> str | None:
    """What to tell the user where the requested rate reaches the bound of the noise model, else None."""
    rate, bound = getattr(noise, "rate", None), noise.rate_bound(num_classes)
    if rate is None or rate < bound - 1e-12:
        return None
    return (
        f"{noise} asks for a rate of {rate:g}, but from {bound:.3g} on such noise over {num_classes} classes "
        "no longer identifies them: no method can learn the clean labels from these data alone."
    )


def save_noisy_labels(path: Path, noisy: NoisyLabels) -> None:
    """Write labels, row numbers and manifest to an npz file without pickle, whole or not at all."""
    arrays = {name: getattr(noisy, name).astype("<i8") for name in ARRAYS}
    arrays["about"] = np.frombuffer(f"{noisy.valid_source}\n{noisy.manifest.model_dump_json()}".encode(), np.uint8)
    arrays["digest"] = np.frombuffer(_digest(arrays), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


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
        raise BenchmarkError(f"The noisy labels at {path} are damaged ({problem}). Delete the file.") from None
    train_labels, valid_labels, train_rows, valid_rows = (arrays[name].astype(np.int64) for name in ARRAYS)
    return NoisyLabels(train_labels, valid_labels, train_rows, valid_rows, source, manifest)


def noisy_from_saved(corpus: Corpus, path: Path) -> NoisyCorpus:
    """The noisy corpus of a stored file; a file made from another corpus is an error."""
    saved = load_noisy_labels(path)
    made_from, given = saved.manifest.corpus_fingerprint, corpus.fingerprint()
    if made_from != given:
        raise BenchmarkError(
            f"The noisy labels at {path} belong to a corpus with fingerprint {made_from}; "
            f"'{corpus.name}' has {given}. Delete the file."
        )
    train, valid = (
        corpus.splits["train"].rows(saved.train_rows),
        corpus.splits[saved.valid_source].rows(saved.valid_rows),
    )
    if _fingerprint((train, valid), (saved.train_labels, saved.valid_labels)) != saved.manifest.fingerprint:
        raise BenchmarkError(f"The noisy labels at {path} do not match their own fingerprint. Delete the file.")
    return NoisyCorpus(**vars(saved), train=train, valid=valid, test=corpus.splits["test"])


def _noisy_labels(corpus: Corpus, name: str, noise: NoiseModel, seed: int, arrays: Mapping[str, BySplit]) -> LabelArray:
    """Noisy labels of one whole split, int64 (N,), in [0, C) or -1."""
    split, inputs = corpus.splits[name], _noise_inputs(corpus, name, noise, seed, arrays)
    labels = noise.corrupt(inputs)
    if labels.shape != (len(split),) or not np.issubdtype(labels.dtype, np.integer):
        raise BenchmarkError(f"Noise '{noise}' gave {labels.dtype} of shape {labels.shape} for {len(split)} labels.")
    if len(labels) and not UNLABELLED <= labels.min() <= labels.max() < corpus.num_classes:
        raise BenchmarkError(f"Noise '{noise}' gave {name} labels outside -1 to {corpus.num_classes - 1}.")
    return labels.astype(np.int64)


def _noise_inputs(
    corpus: Corpus, name: str, noise: NoiseModel, seed: int, arrays: Mapping[str, BySplit]
) -> NoiseInputs:
    """What the model may look at for one split: labels, and of the rest what it asks for."""
    split = corpus.splits[name]
    read = {kind: rows_of(kind, arrays, corpus, name, noise) for kind in kinds_read_by(noise)}
    # A source known for train alone gave no label here, which is not the same as an unknown source.
    silent = {source: np.full(len(split), UNLABELLED) for source in corpus.splits["train"].observed}
    learns = noise.learns_from_training and name != "train"
    return NoiseInputs(
        clean_labels=_read_only(split.clean_labels),
        num_classes=corpus.num_classes,
        draws=Draws((corpus.name, noise.stream_name(), seed), name, split.ids),
        observed={source: _read_only(labels) for source, labels in {**silent, **split.observed}.items()},
        texts=split.texts if noise.reads_texts else None,
        training=_noise_inputs(corpus, "train", noise, seed, arrays) if learns else None,
        **read,
    )


def _read_only(labels: LabelArray) -> LabelArray:
    view = labels.view()
    view.flags.writeable = False
    return view


def _carve(corpus: Corpus, rows: LabelArray, noisy_labels: LabelArray, fraction: float) -> npt.NDArray[np.bool_]:
    """Which labelled training rows become validation: of each noisy label its share, bool (N,)."""
    ids = corpus.splits["train"].ids
    by_hash = uniform_by_id([ids[row] for row in rows], "carve", corpus.name)
    order = np.lexsort((by_hash, noisy_labels))
    counts = np.bincount(noisy_labels, minlength=corpus.num_classes)
    sorted_labels = noisy_labels[order]
    rank = np.arange(len(rows)) - (np.cumsum(counts) - counts)[sorted_labels]
    depth = np.empty(len(rows))
    depth[order] = (rank + 0.5) / counts[sorted_labels]
    count = max(1, round(fraction * len(rows)))
    if count >= len(rows):
        raise BenchmarkError(f"Corpus '{corpus.name}' has {len(rows)} labelled training texts: too few to carve from.")
    carved = np.zeros(len(rows), dtype=np.bool_)
    carved[np.lexsort((by_hash, depth))[:count]] = True
    return carved


def _warn_of_vanished(corpus: Corpus, noise: NoiseModel, noisy_labels: LabelArray) -> None:
    lost = np.setdiff1d(corpus.splits["train"].clean_labels, noisy_labels)
    if len(lost):
        names = ", ".join(corpus.label_names[k] for k in lost)
        log.warning("Under %s no training text of corpus '%s' is labelled %s.", noise, corpus.name, names)


def _manifest(
    corpus: Corpus,
    noise: NoiseModel,
    splits: tuple[Split, Split],
    labels: tuple[LabelArray, LabelArray],
    unlabelled_rows: int,
) -> Manifest:
    train, valid = splits
    classes = corpus.num_classes
    pairs = np.bincount(train.clean_labels * classes + labels[0], minlength=classes**2).reshape(classes, classes)
    totals = pairs.sum(axis=1)
    # A class without rows keeps its label, so that every row of the matrix sums to one.
    matrix = np.where(totals[:, None] > 0, pairs / np.maximum(totals, 1)[:, None], np.eye(classes))
    law = noise.transition_matrix(classes)
    return Manifest(
        noise=str(noise),
        fingerprint=_fingerprint(splits, labels),
        corpus_fingerprint=corpus.fingerprint(),
        num_classes=classes,
        train_rows=len(train),
        valid_rows=len(valid),
        test_rows=len(corpus.splits["test"]),
        unlabelled_rows=unlabelled_rows,
        requested_rate=getattr(noise, "rate", None),
        realised_rate=float(np.mean(labels[0] != train.clean_labels)),
        realised_valid_rate=float(np.mean(labels[1] != valid.clean_labels)),
        rate_by_class=[float(1.0 - matrix[k, k]) if totals[k] else None for k in range(classes)],
        transition_matrix=matrix.tolist(),
        requested_matrix=None if law is None else law.tolist(),
    )


def _fingerprint(splits: tuple[Split, Split], labels: tuple[LabelArray, LabelArray]) -> str:
    """A hash of ids and noisy labels of training and validation: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for split, noisy_labels in zip(splits, labels, strict=True):
        digest.update(f"\x1e{len(split)}\x1e".encode())
        digest.update("\x1f".join(split.ids).encode("utf-8", "surrogatepass"))
        digest.update(noisy_labels.astype("<i8").tobytes())
    return digest.hexdigest()[:16]


def _digest(arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name}\x1e{arrays[name].dtype.str}\x1e{arrays[name].shape}\x1e".encode())
        digest.update(arrays[name].tobytes())
    return digest.digest()
