"""The mistakes of a weak learner that saw few texts, those first of which it is
surest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from benchmark.contracts import BenchmarkError, LabelArray, NoiseInputs, NoiseModel, NoiseRate, Within, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._counts import chosen_overall, flip_count, ranks_by_class


@register_noise
class Confusion(NoiseModel):
    """ỹ = argmax p(x) for the round(rate · N) surest of the texts where argmax p(x) ≠
    y, else y; p: a weak learner.

    Algan & Ulusoy, 2020, arXiv:2003.10471; in text: Qiao et al. (SelfMix), EMNLP 2022,
    arXiv:2210.04525. The learner is logistic regression on TF-IDF of single words,
    trained on the clean labels of `share` of each class of the training texts, one text
    a class at least, drawn anew for each seed. It labels validation texts as well. Its
    error rate caps `rate`: a higher one is an error that names the cap. The sets are
    nested across rates.

    Departures. The papers take a small network or an LSTM as the learner.
    """

    name = "confusion"
    family = "instance-dependent"
    citation = """@misc{algan2020types,
  title = {Label Noise Types and Their Effects on Deep Learning},
  author = {Algan, G{\\"o}rkem and Ulusoy, Ilkay},
  note = {arXiv:2003.10471}, year = {2020}}"""
    reads_texts = True
    flip_score = "the weak learner's confidence in a wrong class"
    learns_from_training = True
    rate: NoiseRate
    share: Annotated[float, Within(0, 1, "(]")] = 0.05

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,)."""
        clean = inputs.clean_labels
        predicted, confidence = self._predictions(inputs)
        wrong = predicted != clean
        count = flip_count(self.rate, len(clean))
        if count > wrong.sum():
            raise BenchmarkError(
                f"Noise '{self}' reaches a rate of {wrong.mean():.3g} at most on the {len(clean)} {inputs.draws.split} "
                f"texts: its learner, trained on {self.share:.3g} of the training texts, makes no more mistakes. "
                "Ask for a lower rate, or for a weaker learner by a smaller `share`."
            )
        flipped = chosen_overall(count, -(wrong * confidence), inputs.draws.uniform("tie"))
        return np.where(flipped, predicted, clean).astype(np.int64)

    def _predictions(self, inputs: NoiseInputs) -> tuple[LabelArray, FloatArray]:
        """Give the learner's class of each text, int64 (N,), and its probability,
        float64 (N,).
        """
        source = inputs.training_inputs()
        counts = np.bincount(source.clean_labels, minlength=inputs.num_classes)
        ranks = ranks_by_class(source.clean_labels, counts, source.draws.uniform("subset"))
        wanted = np.ceil(self.share * counts)[source.clean_labels]
        # In an order that the rows do not decide, so that the learner is the same to the last bit.
        rows = np.lexsort((ranks, source.clean_labels))
        rows = rows[(ranks < wanted)[rows]]
        texts = self.require(source.texts, "words")
        learned = [texts[row] for row in rows]
        return weak_predictions(learned, source.clean_labels[rows], self.require(inputs.texts, "words"))

    def flip_scores(self, inputs: NoiseInputs) -> FloatArray:
        """Give max p(x) where argmax p(x) ≠ y, else 0, float64 (N,)."""
        predicted, confidence = self._predictions(inputs)
        return np.where(predicted != inputs.clean_labels, confidence, 0.0)

    def rate_bound(self, num_classes: int) -> float:
        """Give one half, as most labels of a kind of text may be wrong from there
        on.
        """
        return 0.5


def weak_predictions(
    learned_texts: Sequence[str], labels: LabelArray, texts: Sequence[str]
) -> tuple[LabelArray, FloatArray]:
    """Give the class, int64 (N,), and the probability, float64 (N,), of each text by a
    learner of the given texts and labels.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    analyse = vectorizer.build_analyzer()
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or not any(analyse(text) for text in learned_texts):
        commonest = counts.argmax()
        return np.full(len(texts), classes[commonest]), np.full(len(texts), counts[commonest] / counts.sum())
    model = LogisticRegression(solver="newton-cg", max_iter=500)
    model.fit(vectorizer.fit_transform(learned_texts), labels)
    probabilities = model.predict_proba(vectorizer.transform(texts))
    return model.classes_[probabilities.argmax(axis=1)], probabilities.max(axis=1)
