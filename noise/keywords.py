"""Keyword rules: a text gets the class that its words point to, as weak supervision
labels texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts import UNLABELLED, LabelArray, NoiseInputs, NoiseModel, at_least, register_noise
from benchmark.contracts.arrays import FloatArray

FEWEST_TEXTS = 2
"""A keyword occurs in that many training texts at least."""


@register_noise
class Keywords(NoiseModel):
    """ỹ = argmax over k of |words(x) ∩ K_k|, K_k being the `per_class` words of highest
    χ² for class k.

    A generator after Zhang et al. (WRENCH), NeurIPS 2021, arXiv:2109.11377. χ² of
    presence of the word against class k on clean training texts, over words that are
    more frequent inside the class than outside; a keyword is a rule, the class with
    most rules that fire wins, ties go to the class with more training texts, then to
    the lower class. `misleading` more words a class are drawn, by how many texts they
    occur in, from words that are nobody's keyword: rules that fire often and mean
    nothing. `unmatched`: a text on which no rule fires gets the class of the nearest
    TF-IDF centroid (`centroid`) or no label (`abstain`, the row is dropped). The rate
    is what it is. The manifest reports it. Only `misleading` depends on the seed.
    """

    name = "keywords"
    family = "simulated labellers"
    citation = """@inproceedings{zhang2021wrench,
  title = {{WRENCH}: A Comprehensive Benchmark for Weak Supervision},
  author = {Zhang, Jieyu and Yu, Yue and Li, Yinghao and Wang, Yujing and Yang, Yaming and Yang, Mao and
            Ratner, Alexander},
  booktitle = {NeurIPS Datasets and Benchmarks}, year = {2021}}"""
    reads_texts = True
    learns_from_training = True
    per_class: Annotated[int, at_least(1)] = 10
    misleading: Annotated[int, at_least(0)] = 0
    unmatched: Literal["centroid", "abstain"] = "centroid"

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), in [0, C) or -1 where the rules
        abstain.
        """
        source = inputs.training_inputs()
        learned, terms = weighted_terms(self.require(source.texts, "words"), self.require(inputs.texts, "words"))
        counts = np.bincount(source.clean_labels, minlength=inputs.num_classes)
        membership = np.eye(inputs.num_classes)[source.clean_labels]
        rules = self._rules(learned, membership, inputs)
        votes = (terms > 0) @ rules
        labels = winners(votes, counts)
        unmatched = votes.max(axis=1) == 0
        if self.unmatched == "centroid":
            labels[unmatched] = winners(terms[unmatched] @ unit_columns(learned.T @ membership), counts)
        else:
            labels[unmatched] = UNLABELLED
        return labels

    def _rules(self, learned: Any, membership: FloatArray, inputs: NoiseInputs) -> FloatArray:
        """Tell which word votes for which class, 0 or 1, float64 (V, C)."""
        presence = learned > 0
        rules = keyword_rules(presence, membership, self.per_class)
        free = np.flatnonzero(rules.sum(axis=1) == 0)
        wanted = min(self.misleading * inputs.num_classes, len(free))
        if wanted:
            frequency = np.asarray(presence.sum(axis=0), dtype=np.float64).ravel()[free]
            draws = inputs.draws.shared("misleading")
            words = draws.choice(free, size=wanted, replace=False, p=frequency / frequency.sum())
            rules[words, np.arange(wanted) % inputs.num_classes] = 1.0
        return rules


def weighted_terms(learned_texts: Sequence[str], texts: Sequence[str]) -> tuple[Any, Any]:
    """Give TF-IDF of both lists over the words of the first, sparse (N, V) each.

    An empty vocabulary gives V = 0.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=FEWEST_TEXTS, token_pattern=r"(?u)\b\w+\b")
    try:
        learned = vectorizer.fit_transform(learned_texts)
    except ValueError:
        return csr_matrix((len(learned_texts), 0)), csr_matrix((len(texts), 0))
    return learned, learned if texts is learned_texts else vectorizer.transform(texts)


def keyword_rules(presence: Any, membership: FloatArray, per_class: int) -> FloatArray:
    """Choose the `per_class` words of highest χ² for each class, float64 (V, C), 1
    where a word votes for a class.

    `presence`, sparse bool (N, V), is of a word in a text, `membership`, float64 (N,
    C), of a text in a class.
    """
    scores = chi_square(presence, membership)
    rules = np.zeros(scores.shape)
    for k in range(scores.shape[1]):
        best = np.argsort(-scores[:, k], kind="stable")[:per_class]
        rules[best[scores[best, k] > 0], k] = 1.0
    return rules


def chi_square(presence: Any, membership: FloatArray) -> FloatArray:
    """Give N (ad - bc)² / ((a + b)(c + d)(a + c)(b + d)) of word against class, (V, C).

    a counts the texts of the class with the word, b other texts with it, c texts of the
    class without it, d other texts without it. Where the word is rarer inside the
    class, the score is 0.
    """
    size = len(membership)
    both = presence.T.astype(np.float64) @ membership
    with_word, of_class = both.sum(axis=1, keepdims=True), membership.sum(axis=0)
    excess = both * size - with_word * of_class
    scale = with_word * (size - with_word) * of_class * (size - of_class)
    scores: FloatArray = np.divide(size * np.maximum(excess, 0) ** 2, scale, out=np.zeros_like(both), where=scale > 0)
    return scores


def winners(scores: npt.NDArray[Any], class_counts: LabelArray) -> LabelArray:
    """Give the class of the highest score in each row, int64 (N,).

    Ties go to the commoner class, then to the lower one.
    """
    priority = np.lexsort((np.arange(len(class_counts)), -class_counts))
    chosen: LabelArray = priority[np.asarray(scores)[:, priority].argmax(axis=1)]
    return chosen


def unit_columns(matrix: npt.NDArray[Any]) -> FloatArray:
    """Divide columns by their length, float64; a column of zeros stays one."""
    length = np.linalg.norm(matrix, axis=0)
    scaled: FloatArray = np.asarray(matrix) / np.where(length > 0, length, 1.0)
    return scaled
