"""What the noise did, the same for every method of a cell."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseModel
from benchmark.contracts.arrays import FloatArray
from benchmark.corpora.corpus import Corpus, Split
from benchmark.records.schema import Manifest

LARGEST_MATRIX_KEPT = 100
"""Classes up to which a manifest keeps the transition matrix: with thousands it would
be most of a record.
"""


def make_manifest(
    corpus: Corpus,
    noise: NoiseModel,
    splits: tuple[Split, Split],
    labels: tuple[LabelArray, LabelArray],
    unlabelled_rows: int,
    fingerprint: str,
) -> Manifest:
    """What the noise did to training and validation, whose labels are given in this
    order.
    """
    train, valid = splits
    classes = corpus.num_classes
    remaining, test = noise.in_distribution(classes), corpus.splits["test"]
    known, requested = train.has_clean_labels, noise.transition_matrix(classes)
    matrix = realised_matrix(train.clean_labels, labels[0], classes) if known else None
    present = np.bincount(train.clean_labels, minlength=classes) > 0 if known else None
    return Manifest(
        noise=str(noise),
        fingerprint=fingerprint,
        corpus_fingerprint=corpus.fingerprint(),
        num_classes=classes,
        train_rows=len(train),
        valid_rows=len(valid),
        test_rows=len(test) if remaining == classes else int((test.clean_labels < remaining).sum()),
        unlabelled_rows=unlabelled_rows,
        requested_rate=noise.requested_rate,
        realised_rate=float(np.mean(labels[0] != train.clean_labels)) if known else None,
        realised_valid_rate=float(np.mean(labels[1] != valid.clean_labels)) if valid.has_clean_labels else None,
        rate_by_class=None
        if matrix is None or present is None
        else [float(1.0 - matrix[k, k]) if present[k] else None for k in range(classes)],
        transition_matrix=matrix.tolist() if matrix is not None and classes <= LARGEST_MATRIX_KEPT else None,
        requested_matrix=None if requested is None or classes > LARGEST_MATRIX_KEPT else requested.tolist(),
        known_classes=remaining if remaining < classes else None,
        class_shares=class_shares(labels[0], classes) if classes <= LARGEST_MATRIX_KEPT else None,
        label_names=list(corpus.label_names) if classes <= LARGEST_MATRIX_KEPT else None,
    )


def class_shares(labels: LabelArray, num_classes: int) -> list[float] | None:
    """The share of each class among labels, or None without a label."""
    if not len(labels):
        return None
    return [float(share) for share in np.bincount(labels, minlength=num_classes) / len(labels)]


def realised_matrix(clean_labels: LabelArray, noisy_labels: LabelArray, num_classes: int) -> FloatArray:
    """Share of rows of class k labelled j, float64 (C, C)."""
    pairs = np.bincount(clean_labels * num_classes + noisy_labels, minlength=num_classes**2)
    pairs = pairs.reshape(num_classes, num_classes)
    totals = pairs.sum(axis=1)
    # A class without rows keeps its label, so that every row of the matrix sums to one.
    return np.where(totals[:, None] > 0, pairs / np.maximum(totals, 1)[:, None], np.eye(num_classes))
