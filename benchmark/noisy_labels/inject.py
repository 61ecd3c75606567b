"""From a corpus and a noise model to what all trials of a cell share: splits, noisy
labels and their manifest.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.contracts import UNLABELLED, BenchmarkError, Draws, LabelArray, NoiseInputs, NoiseModel, uniform_by_id
from benchmark.contracts.hashes import sha256_hex
from benchmark.corpora.corpus import Corpus, Split
from benchmark.noisy_labels.features import BySplit, arrays_for, rows_of
from benchmark.noisy_labels.manifest import make_manifest
from benchmark.records.schema import Manifest

log = logging.getLogger(__name__)

VALID_FRACTION = 0.1


@dataclass(frozen=True, eq=False)
class NoisyLabels:
    """Noisy labels apart from the texts, as stored.

    Labels and rows are int64, aligned within a split. `train_rows` are row numbers of
    the corpus's train split, `valid_rows` of the split `valid_source`: `valid`, or
    `train` where validation was carved off it.
    """

    train_labels: LabelArray
    valid_labels: LabelArray
    train_rows: LabelArray
    valid_rows: LabelArray
    valid_source: str
    manifest: Manifest


@dataclass(frozen=True, eq=False)
class NoisyCorpus(NoisyLabels):
    """Noisy labels with their splits: unlabelled rows dropped, validation carved.

    Test is as it was, but for the texts of classes that the noise holds out.
    """

    train: Split
    valid: Split
    test: Split
    test_rows: LabelArray


def inject_noise(
    corpus: Corpus,
    noise: NoiseModel,
    seed: int,
    arrays: Mapping[str, BySplit] | None = None,
    valid_fraction: float = VALID_FRACTION,
) -> NoisyCorpus:
    """The corpus under the noise; equal arguments give equal labels in every process.

    Training and validation meet the same mechanism, each with its own draws. The test
    split keeps its labels. Where the noise holds classes out, training alone has their
    texts. Every wrong class is wrong for them. A corpus without a labelled validation
    split gives up `valid_fraction` of train, by hash of the id, stratified by noisy
    label. `arrays`: what `arrays_for` gives, by kind and split; made here if not given.
    """
    if not 0.0 < valid_fraction < 1.0:
        raise BenchmarkError(f"valid_fraction is {valid_fraction:g} and must lie between 0 and 1.")
    noise.check(corpus.label_names)
    arrays = arrays_for(corpus, noise) if arrays is None else arrays
    known = noise.in_distribution(corpus.num_classes)
    train = valid = labels_of_split(corpus, "train", noise, seed, arrays)
    train_rows = np.flatnonzero(train != UNLABELLED)
    if len(train_rows) == 0:
        raise BenchmarkError(f"Noise '{noise}' labels no training text of corpus '{corpus.name}'.")
    _warn_of_vanished(corpus, noise, train, known)
    held_out = corpus.splits["train"].clean_labels >= known
    unlabelled, source = len(train) - len(train_rows), "train"
    valid_rows = np.empty(0, dtype=np.int64)
    if "valid" in corpus.splits:
        own = labels_of_split(corpus, "valid", noise, seed, arrays)
        valid_rows = np.flatnonzero((own != UNLABELLED) & (corpus.splits["valid"].clean_labels < known))
        if len(valid_rows):
            valid, source = own, "valid"
    if source == "train":
        # Held-out texts are carved as a stratum of their own and then dropped: their share of training stays as asked.
        strata = np.where(held_out[train_rows], corpus.num_classes, train[train_rows])
        carved = _carve(corpus, train_rows, strata, valid_fraction)
        train_rows, valid_rows = train_rows[~carved], train_rows[carved & ~held_out[train_rows]]
    kept = corpus.splits["train"].rows(train_rows), corpus.splits[source].rows(valid_rows)
    labels = train[train_rows], valid[valid_rows]
    manifest = make_manifest(corpus, noise, kept, labels, unlabelled, labels_fingerprint(kept, labels))
    test, test_rows = tested(corpus, manifest)
    return NoisyCorpus(
        train=kept[0],
        valid=kept[1],
        test=test,
        train_labels=labels[0],
        valid_labels=labels[1],
        train_rows=train_rows,
        valid_rows=valid_rows,
        test_rows=test_rows,
        valid_source=source,
        manifest=manifest,
    )


def tested(corpus: Corpus, manifest: Manifest) -> tuple[Split, LabelArray]:
    """The test texts of classes that are not held out, and their row numbers."""
    test = corpus.splits["test"]
    if manifest.known_classes is None:
        return test, np.arange(len(test))
    rows = np.flatnonzero(test.clean_labels < manifest.known_classes)
    if len(rows) == 0:
        raise BenchmarkError(
            f"Noise '{manifest.noise}' leaves no test text of corpus '{corpus.name}'. Hold fewer classes out."
        )
    return test.rows(rows), rows


def labels_of_split(
    corpus: Corpus, name: str, noise: NoiseModel, seed: int, arrays: Mapping[str, BySplit]
) -> LabelArray:
    """Noisy labels of one whole split, int64 (N,), in [0, C) or -1."""
    split, inputs = corpus.splits[name], noise_inputs(corpus, name, noise, seed, arrays)
    if noise.reads_clean_labels and not split.has_clean_labels:
        raise BenchmarkError(
            f"Noise '{noise}' starts from clean labels, and {name} of corpus '{corpus.name}' has none. Choose observed "
            "noise, or name a column of labels that can be trusted (--clean-column)."
        )
    labels = noise.corrupt(inputs)
    if labels.shape != (len(split),) or not np.issubdtype(labels.dtype, np.integer):
        raise BenchmarkError(f"Noise '{noise}' gave {labels.dtype} of shape {labels.shape} for {len(split)} labels.")
    if len(labels) and not UNLABELLED <= labels.min() <= labels.max() < corpus.num_classes:
        raise BenchmarkError(f"Noise '{noise}' gave {name} labels outside -1 to {corpus.num_classes - 1}.")
    return labels.astype(np.int64)


def noise_inputs(corpus: Corpus, name: str, noise: NoiseModel, seed: int, arrays: Mapping[str, BySplit]) -> NoiseInputs:
    """What the model may look at for one split: labels, and of the rest what it asks
    for.
    """
    split = corpus.splits[name]
    read = {kind: rows_of(kind, arrays, corpus, name, noise) for kind in noise.arrays_read}
    # A source known for train alone gave no label here, which is not the same as an unknown source.
    train = corpus.splits["train"]
    silent = {source: np.full(len(split), UNLABELLED) for source in train.observed}
    no_votes = {source: np.full((len(split), votes.shape[1]), UNLABELLED) for source, votes in train.votes.items()}
    learns = noise.learns_from_training and name != "train"
    return NoiseInputs(
        clean_labels=_read_only(split.clean_labels),
        num_classes=corpus.num_classes,
        draws=Draws((corpus.name, noise.stream_name(), seed), name, split.ids),
        observed={source: _read_only(labels) for source, labels in {**silent, **split.observed}.items()},
        votes={source: _read_only(votes) for source, votes in {**no_votes, **split.votes}.items()},
        train_votes={source: _read_only(votes) for source, votes in train.votes.items()},
        texts=split.texts if noise.reads_texts else None,
        training=noise_inputs(corpus, "train", noise, seed, arrays) if learns else None,
        label_names=corpus.label_names,
        **read,
    )


def _read_only(labels: LabelArray) -> LabelArray:
    view = labels.view()
    view.flags.writeable = False
    return view


def _carve(corpus: Corpus, rows: LabelArray, strata: LabelArray, fraction: float) -> npt.NDArray[np.bool_]:
    """Which labelled training rows become validation: of each stratum its share, bool
    (N,).
    """
    ids = corpus.splits["train"].ids
    by_hash = uniform_by_id([ids[row] for row in rows], "carve", corpus.name)
    order = np.lexsort((by_hash, strata))
    counts = np.bincount(strata)
    sorted_strata = strata[order]
    rank = np.arange(len(rows)) - (np.cumsum(counts) - counts)[sorted_strata]
    depth = np.empty(len(rows))
    depth[order] = (rank + 0.5) / counts[sorted_strata]
    count = max(1, round(fraction * len(rows)))
    if count >= len(rows):
        raise BenchmarkError(f"Corpus '{corpus.name}' has {len(rows)} labelled training texts: too few to carve from.")
    carved = np.zeros(len(rows), dtype=np.bool_)
    carved[np.lexsort((by_hash, depth))[:count]] = True
    groups = corpus.splits["train"].groups
    return carved if groups is None else _with_their_group(carved, groups[rows], by_hash, corpus.name)


def _with_their_group(
    carved: npt.NDArray[np.bool_], groups: LabelArray, by_hash: npt.NDArray[np.float64], corpus: str
) -> npt.NDArray[np.bool_]:
    """The choice with every group whole: its row of the smallest hash decides."""
    order = np.lexsort((by_hash, groups))
    _, first, members = np.unique(groups[order], return_index=True, return_inverse=True)
    together = np.empty_like(carved)
    together[order] = carved[order][first][members]
    if together.all() or not together.any():
        raise BenchmarkError(
            f"Corpus '{corpus}' has too few different texts, as an encoder sees them, to carve validation from: "
            f"{len(first)} in {len(groups)} rows. Give a file of validation rows."
        )
    return together


def _warn_of_vanished(corpus: Corpus, noise: NoiseModel, noisy_labels: LabelArray, known: int) -> None:
    if not corpus.splits["train"].has_clean_labels:
        return
    clean = corpus.splits["train"].clean_labels
    lost = np.setdiff1d(clean[clean < known], noisy_labels)
    if len(lost):
        names = ", ".join(corpus.label_names[k] for k in lost)
        log.warning("Under %s no training text of corpus '%s' is labelled %s.", noise, corpus.name, names)


def labels_fingerprint(splits: tuple[Split, Split], labels: tuple[LabelArray, LabelArray]) -> str:
    """A hash of ids and noisy labels of training and validation: 16 hexadecimal
    digits.
    """
    parts: list[str | bytes] = []
    for split, noisy_labels in zip(splits, labels, strict=True):
        parts += [f"\x1e{len(split)}\x1e", "\x1f".join(split.ids), noisy_labels.astype("<i8").tobytes()]
    return sha256_hex(*parts, digits=16)
