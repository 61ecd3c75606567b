"""What to do where labels are missing: texts without a noisy label, and test texts
without a clean one.
"""

from __future__ import annotations

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, NoiseModel
from benchmark.corpora.corpus import Corpus
from benchmark.noisy_labels.inject import NoisyLabels


def noisy_test_labels(corpus: Corpus, noise: NoiseModel) -> LabelArray:
    """The labels that observed noise gives the test texts, int64 (N,): what scores
    where no clean ones are known.
    """
    test = corpus.splits["test"]
    labels = test.observed.get(str(getattr(noise, "source", "")))
    if labels is None or (labels == UNLABELLED).any():
        raise BenchmarkError(
            f"Corpus '{corpus.name}' has no clean test labels, and {noise} does not label every test text: there is "
            "nothing to score by."
        )
    return labels


def unlabelled_texts(corpus: Corpus, noisy: NoisyLabels) -> tuple[str, ...]:
    """The training texts to which the noise gave no label, in the order of the
    corpus.
    """
    train = corpus.splits["train"]
    labelled = set(noisy.train_rows.tolist())
    if noisy.valid_source == "train":
        labelled |= set(noisy.valid_rows.tolist())
    return tuple(text for row, text in enumerate(train.texts) if row not in labelled)
