"""Arrays that noise models may read beside the labels, made once a corpus and never
handed to methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import BenchmarkError, NoiseModel
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.noise import TokenArray
from benchmark.corpora.corpus import Corpus
from benchmark.noisy_labels.posterior import out_of_fold_posterior
from benchmark.noisy_labels.tfidf import tfidf_svd
from benchmark.training.encoders.names import encoder_from

BySplit = Mapping[str, npt.NDArray[Any]]
"""Rows of the training split, and of the validation split where there is one."""

TOKENIZER = "minilm"
"""Its word pieces are those of BERT's uncased vocabulary."""

TOKENS = 128

KINDS = {"features": "features", "teacher": "teacher probabilities", "token_ids": "token ids"}
"""Each kind with its words."""


def arrays_for(corpus: Corpus, noise: NoiseModel) -> dict[str, BySplit]:
    """All that the model reads of this corpus, by kind and split."""
    made: dict[str, BySplit] = {}
    for kind in noise.arrays_made:
        made[kind] = make_array(kind, corpus, made)
    return made


def make_array(kind: str, corpus: Corpus, made: Mapping[str, BySplit]) -> BySplit:
    """One kind of array; `made` holds the kinds before it, by name."""
    if kind == "features":
        return features_for(corpus)
    if kind == "teacher":
        train = corpus.splits["train"]
        return out_of_fold_posterior(made["features"], train.clean_labels, train.ids, corpus.num_classes)
    return token_ids_for(corpus)


def rows_of(
    kind: str, arrays: Mapping[str, BySplit], corpus: Corpus, split: str, noise: NoiseModel
) -> npt.NDArray[Any]:
    """One kind of array for all texts of one split.

    An absent or shorter one is an error that names the noise.
    """
    rows, size = arrays.get(kind, {}).get(split), len(corpus.splits[split])
    if rows is None or len(rows) != size:
        given = "none were given" if rows is None else f"{len(rows)} rows were given"
        raise BenchmarkError(f"Noise '{noise}' needs {KINDS[kind]} of all {size} {split} texts; {given}.")
    return rows


def features_for(corpus: Corpus) -> dict[str, FloatArray]:
    """Features of training and validation texts for noise that reads them, float64 (N,
    F) by split name.
    """
    others = {"valid": corpus.splits["valid"].texts} if "valid" in corpus.splits else {}
    return tfidf_svd(corpus.splits["train"].texts, others)


def token_ids_for(corpus: Corpus) -> dict[str, TokenArray]:
    """The first 128 word pieces of training and validation texts, zeros behind, int32
    (N, 128) by split name.
    """
    from benchmark.training.encoders.encoding import tokenise

    encoder = encoder_from(TOKENIZER)
    encoder.fetch()
    made = {}
    for name in ("train", "valid"):
        if name not in corpus.splits:
            continue
        flat, starts, padding = tokenise(encoder, corpus.splits[name].texts, TOKENS)
        made[name] = np.full((len(starts) - 1, TOKENS), padding, dtype=np.int32)
        made[name][np.arange(TOKENS) < np.diff(starts)[:, None]] = flat
    return made
