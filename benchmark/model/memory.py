"""From texts and labels in memory to the trial whose training makes the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, Need, Sizes, method_from, noise_from
from benchmark.contracts.hashes import sha256_hex
from benchmark.corpora.corpus import Corpus, Split
from benchmark.corpora.own import SOURCE
from benchmark.corpora.readers.table import hashed_ids
from benchmark.experiment.expansion import method_fields
from benchmark.model.training import refuse_what_cannot_be_kept
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig, noise_fields
from benchmark.training.encoders.names import encoder_from
from benchmark.training.encoders.positions import check_tokens
from benchmark.trial.artefacts.corpus import write_corpus
from benchmark.trial.artefacts.keys import artefact_keys

CORPUS = "own"
"""What texts in memory are called: a file `own.csv` of them makes the same model."""


def corpus_of(texts: Sequence[str], labels: LabelArray, label_names: Sequence[str]) -> Corpus:
    """Give texts with labels, int64 (N,), as a corpus: all of them are train.

    A trial looks at test texts. Here they are the first text alone, and nothing is made
    of what is seen there.
    """
    unknown = np.full(len(texts), UNLABELLED)
    _, alike = np.unique(np.array(texts, dtype=object), return_inverse=True)
    train = Split(
        ids=tuple(hashed_ids(texts, unknown.tolist())),
        texts=tuple(texts),
        clean_labels=unknown,
        observed={SOURCE: labels},
        groups=alike if len(np.unique(alike)) < len(texts) else None,
    )
    return Corpus(CORPUS, tuple(label_names), {"train": train, "test": train.rows(np.arange(1))})


def config_of_texts(
    corpus: Corpus,
    artefacts: ArtefactCache,
    method: str,
    encoder: str,
    seed: int,
    epochs: int | None = None,
    max_tokens: int = 128,
) -> TrialConfig:
    """Give the trial of a method on a corpus in memory, which becomes an artefact.

    Other parameters are those of `train`.
    """
    found, chosen = encoder_from(encoder), method_from(method)
    refuse_what_cannot_be_kept(chosen, encoder)
    if lacking := sorted(chosen.needs() - {Need.LABEL_NAMES}):
        raise BenchmarkError(
            f"Method '{chosen}' needs {', '.join(lacking)} beside texts and labels, which are all that "
            "an estimator has. Name another method, such as cross_entropy, or use `train`."
        )
    found.fetch()
    check_tokens(found, max_tokens, corpus.name)
    recipe = dataclasses.replace(found.recipe, max_tokens=max_tokens)
    if epochs is not None:
        recipe = dataclasses.replace(recipe, epochs=epochs)
    train = corpus.splits["train"]
    rows, classes = len(train), corpus.num_classes
    chosen.check_sizes(Sizes(rows, classes, recipe.epochs, min(recipe.batch_size, rows)))
    config = TrialConfig(
        corpus=corpus.name,
        card=sha256_hex(corpus.fingerprint(), digits=16),
        **noise_fields(noise_from(f"observed({SOURCE})")),
        encoder=found.name,
        weights=found.weights_digest(),
        recipe=recipe.as_config(),
        **method_fields(chosen),
        seed=seed,
    )
    artefacts.make(artefact_keys(config).corpus, partial(write_corpus, corpus=corpus))
    return config
