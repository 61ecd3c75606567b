"""Features of texts for instance-dependent noise: no trained encoder, so labels are the
same for all encoders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.contracts import generator
from benchmark.contracts.arrays import FloatArray

MOST_TERMS = 10_000
OVERSAMPLED = 10
ITERATIONS = 4
SMALLEST_VARIANCE = 1e-10


def tfidf_svd(
    train_texts: Sequence[str], other_texts_by_name: Mapping[str, Sequence[str]], dims: int = 256
) -> dict[str, FloatArray]:
    """TF-IDF reduced to its leading principal directions, centred and whitened by the
    training texts.

    Float64 (N, F) under `train` and under each other name; F is `dims`, or less where
    the training texts have fewer directions. The leading subspace comes from randomised
    subspace iteration (Halko, Martinsson & Tropp, SIAM Review 53, 2011, algorithm 4.4)
    over terms in alphabetical order, so the order of the texts does not matter. One
    thread computes it, so neither does the number of cores.
    """
    from threadpoolctl import threadpool_limits

    terms = _term_matrices(train_texts, other_texts_by_name)
    if terms["train"].shape[1] == 0:
        return {name: np.zeros((matrix.shape[0], 1)) for name, matrix in terms.items()}
    with threadpool_limits(limits=1):
        basis = _leading_subspace(terms["train"], dims + OVERSAMPLED)
        reduced = {name: np.asarray(matrix @ basis) for name, matrix in terms.items()}
        centre = reduced["train"].mean(axis=0)
        directions = _whitening(reduced["train"] - centre, basis, dims)
        return {name: (rows - centre) @ directions for name, rows in reduced.items()}


def _term_matrices(train_texts: Sequence[str], others: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, max_features=MOST_TERMS, token_pattern=r"(?u)\b\w+\b")
    analyse = vectorizer.build_analyzer()
    if not any(analyse(text) for text in train_texts):
        return {name: csr_matrix((len(texts), 0)) for name, texts in {"train": train_texts, **others}.items()}
    matrices = {"train": vectorizer.fit_transform(train_texts)}
    for name, texts in others.items():
        matrices[name] = vectorizer.transform(texts) if len(texts) else csr_matrix((0, matrices["train"].shape[1]))
    return matrices


def _leading_subspace(matrix: Any, size: int) -> FloatArray:
    """Orthonormal columns that span nearly the leading right singular vectors, (terms,
    at most size).
    """
    terms = matrix.shape[1]
    start = generator("tfidf_svd").standard_normal((terms, min(size, *matrix.shape)))
    basis = np.linalg.qr(start)[0]
    for _ in range(ITERATIONS):
        basis = np.linalg.qr(matrix.T @ (matrix @ basis))[0]
    return basis


def _whitening(centred: FloatArray, basis: FloatArray, dims: int) -> FloatArray:
    """The map from reduced rows to uncorrelated columns of unit variance, widest
    direction first.
    """
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    order = np.argsort(variance)[::-1][:dims]
    kept = order[variance[order] > SMALLEST_VARIANCE * max(float(variance.max()), np.finfo(float).tiny)]
    if len(kept) == 0:
        return np.zeros((centred.shape[1], 1))
    loadings = basis @ axes[:, kept]
    strongest = np.abs(loadings).argmax(axis=0)
    signs = np.sign(loadings[strongest, np.arange(len(kept))])
    whitening: FloatArray = axes[:, kept] * (signs / np.sqrt(variance[kept]))
    return whitening
