"""Texts as features, with progress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from benchmark.audit.heads import Features
from benchmark.audit.progress import Progress, part_of, silent
from benchmark.contracts import BenchmarkError
from benchmark.contracts.labels.texts import given_texts
from benchmark.features.embedding import features_of
from benchmark.training.encoders.encoding import OnBatch
from benchmark.training.encoders.names import encoder_from


def embed(
    texts: Sequence[str],
    encoder: str = "frozen:minilm",
    max_tokens: int = 128,
    progress: Progress = silent,
    lists: Iterable[Sequence[str]] = (),
) -> Features:
    """Give mean-pooled features of a frozen encoder, float32 (N, D).

    Equal texts have equal features.

    Parameters
    ----------
    texts : N texts.
    encoder : the name of a pretrained encoder, with or without `frozen:`.
    max_tokens : texts are cut there.
    progress : is told which share of the texts is done.
    lists : lists of texts whose features others want, too, each in an order of its own.
        A text of theirs has the features that it has there. What no list holds is
        embedded by itself.
    """
    chosen = encoder_from(encoder).without_training
    if chosen.kind == "scratch":
        raise BenchmarkError(f"Encoder '{encoder}' has random weights. Name a pretrained one, as in frozen:minilm.")
    chosen.fetch()
    texts = given_texts(texts)
    if not texts:
        raise BenchmarkError("There are no texts to embed.")
    kept = [some for some in lists if some]
    known = {text for some in kept for text in some}
    rest = [text for text in texts if text not in known]
    every = [*kept, rest] if rest else kept
    place: dict[str, int] = {}
    parts, done, total = [], 0, sum(map(len, every))
    for some in every:
        told = part_of(progress, done / total, (done + len(some)) / total)
        parts.append(features_of(chosen, some, max_tokens, on_batch=_by_share(told)))
        for row, text in enumerate(some, start=done):
            place.setdefault(text, row)
        done += len(some)
    return np.concatenate(parts)[[place[text] for text in texts]]


def _by_share(progress: Progress) -> OnBatch:
    def told(rows: int, share: float) -> None:
        progress(share)

    return told
