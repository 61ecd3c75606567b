"""Texts as features, with progress."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.audit.heads import Features
from benchmark.audit.progress import Progress, part_of, silent
from benchmark.contracts import BenchmarkError
from benchmark.contracts.labels.texts import given_texts
from benchmark.features.embedding import features_of
from benchmark.training.encoders.encoding import OnBatch
from benchmark.training.encoders.names import encoder_from

TEXTS_AT_ONCE = 4_096


def embed(
    texts: Sequence[str], encoder: str = "frozen:minilm", max_tokens: int = 128, progress: Progress = silent
) -> Features:
    """Give mean-pooled features of a frozen encoder, float32 (N, D).

    Parameters
    ----------
    texts : N texts.
    encoder : the name of a pretrained encoder, with or without `frozen:`.
    max_tokens : texts are cut there.
    progress : is told which share of the texts is done.
    """
    chosen = encoder_from(encoder).without_training
    if chosen.kind == "scratch":
        raise BenchmarkError(f"Encoder '{encoder}' has random weights. Name a pretrained one, as in frozen:minilm.")
    chosen.fetch()
    texts, parts = given_texts(texts), []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        part = texts[start : start + TEXTS_AT_ONCE]
        told = part_of(progress, start / len(texts), (start + len(part)) / len(texts))
        parts.append(features_of(chosen, part, max_tokens, on_batch=_by_share(told)))
    if not parts:
        raise BenchmarkError("There are no texts to embed.")
    return np.concatenate(parts)


def _by_share(progress: Progress) -> OnBatch:
    def told(rows: int, share: float) -> None:
        progress(share)

    return told
