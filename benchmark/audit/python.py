"""An audit from Python, on texts or on embeddings of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.audit.audit import Audit, audit_table
from benchmark.audit.embedding import embed
from benchmark.audit.reading import make_table
from benchmark.contracts import BenchmarkError
from benchmark.contracts.labels.texts import given_texts
from benchmark.corpora.tables.cells import label_text

Given = Sequence[str] | npt.NDArray[np.floating[Any]]


def audit_labels(texts_or_embeddings: Given, labels: Sequence[Any], encoder: str = "frozen:minilm") -> Audit:
    """Audit labels of texts, or of embeddings (N, D) of one's own.

    Parameters
    ----------
    texts_or_embeddings : N texts, or a finite array of N rows.
    labels : N names or whole numbers. None, NaN and an empty name are no label.
    encoder : the encoder of texts.
    """
    names = [label_text(label.item() if isinstance(label, np.generic) else label) for label in labels]
    if len(names) != len(texts_or_embeddings):
        raise BenchmarkError(f"{len(names)} labels were given for {len(texts_or_embeddings)} texts or embeddings.")
    if isinstance(texts_or_embeddings, np.ndarray) and texts_or_embeddings.dtype.kind in "fiu":
        features = np.asarray(texts_or_embeddings, dtype=np.float32)
        if features.ndim != 2 or not np.isfinite(features).all():
            raise BenchmarkError(f"Embeddings must be finite and of shape (N, D); they are {features.shape}.")
        texts = [f"row {number}" for number in range(1, len(features) + 1)]
    else:
        texts = given_texts(texts_or_embeddings)
        features = embed(texts, encoder)
    return audit_table(make_table("The labels given", texts, [[name] for name in names]), features)
