"""An audit from Python, on texts or on embeddings of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.audit.audit import Audit, audit_table
from benchmark.audit.embedding import embed
from benchmark.audit.heads import Features
from benchmark.audit.reading import make_table
from benchmark.contracts import BenchmarkError
from benchmark.contracts.labels.texts import given_texts, plain_values
from benchmark.corpora.tables.cells import label_text

Given = Sequence[str] | npt.NDArray[np.floating[Any]]


def audit_labels(texts_or_embeddings: Given, labels: Sequence[Any], encoder: str = "frozen:minilm") -> Audit:
    """Audit labels of texts, or of embeddings (N, D) of one's own.

    Parameters
    ----------
    texts_or_embeddings : N texts, or a finite array or table of N rows.
    labels : N names or whole numbers. None, NaN and an empty name are no label.
    encoder : the encoder of texts.
    """
    names = [_name(label) for label in plain_values(labels)]
    features = _embeddings(texts_or_embeddings)
    if features is not None:
        texts = [f"row {number}" for number in range(1, len(features) + 1)]
    else:
        texts = given_texts(texts_or_embeddings)
    if len(names) != len(texts):
        raise BenchmarkError(f"{len(names)} labels were given for {len(texts)} texts or embeddings.")
    table = make_table("The labels given", texts, [[name] for name in names])
    return audit_table(table, embed(texts, encoder) if features is None else features)


def _name(label: Any) -> str:
    """The name of a label; pandas has a missing value that is not even unequal to
    itself.
    """
    if type(label).__name__ == "NAType":
        return ""
    return label_text(label.item() if isinstance(label, np.generic) else label)


def _embeddings(given: Any) -> Features | None:
    """Numbers in rows as features; None for what may be texts."""
    if isinstance(given, str) or not len(given):
        return None
    if not hasattr(given, "__array__") and isinstance(given[0], str):
        return None
    try:
        found = np.asarray(given)
    except ValueError:  # rows of different lengths
        return None
    if found.dtype.kind not in "fiu":
        return None
    features: Features = found.astype(np.float32)
    if features.ndim != 2:
        raise BenchmarkError(f"Embeddings must be of shape (N, D); they are {features.shape}.")
    if len(broken := np.flatnonzero(~np.isfinite(features).all(axis=1))):
        raise BenchmarkError(f"Embeddings must be finite; those of {len(broken)} rows are not, as of row {broken[0]}.")
    return features
