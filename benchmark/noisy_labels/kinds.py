"""What kind of noise each source of observed labels makes, measured on its corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.contracts import UNLABELLED, LabelArray, uniform_by_id
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.labels.votes import vote_counts
from benchmark.corpora import Card, Corpus, load_card, load_corpus
from benchmark.corpora.recount import measure_noise, rates_by_class

FOLDS = 5
MOST_TERMS = 10_000
FEWEST_WRONG = 10
"""A ROC area of fewer wrong labels says nothing."""


@dataclass(frozen=True, slots=True)
class NoiseKind:
    """The noise of one source on the split of its corpus that has trusted labels.

    `rows` counts the labelled rows. `worst` and `best` name the classes with the
    highest and the lowest rate. `asymmetry` is that of `asymmetry`, `agreement` that of
    `krippendorff_alpha`, absent without votes. `roc_area` says how well out-of-fold
    probabilities of a classifier that was trained on trusted labels tell wrong labels
    from right ones, absent with fewer than ten wrong labels.
    """

    corpus: str
    source: str
    made_by: str
    split: str
    rows: int
    rate: float
    worst: str
    worst_rate: float
    best: str
    best_rate: float
    asymmetry: float | None
    agreement: float | None
    roc_area: float | None


def noise_kinds(names: Sequence[str], on_message: Callable[[str], None]) -> Iterator[NoiseKind]:
    """The kind of noise of every source of the named corpora, in their order.

    A corpus without observed labels or without trusted ones gives none.
    """
    for name in names:
        card = load_card(name)
        if card.observed:
            on_message(name)
            yield from kinds_of(card, load_corpus(name))


def kinds_of(card: Card, corpus: Corpus) -> Iterator[NoiseKind]:
    """The kinds of noise of one corpus: on train where it has trusted labels, else on
    the first split that has.
    """
    name = next((name for name, split in corpus.splits.items() if split.has_clean_labels and split.observed), None)
    if corpus.splits["train"].has_clean_labels:
        name = "train"
    if name is None:
        return
    split = corpus.splits[name]
    clean = split.clean_labels
    probabilities = out_of_fold(split.texts, clean, corpus.num_classes)
    for source, labels in split.observed.items():
        rates = rates_by_class(clean, labels, corpus.label_names)
        if not rates:
            continue
        worst, best = max(rates, key=lambda label: rates[label]), min(rates, key=lambda label: rates[label])
        noise, votes = measure_noise(clean, labels), split.votes.get(source)
        yield NoiseKind(
            corpus=corpus.name,
            source=source,
            made_by=card.observed[source].made_by,
            split=name,
            rows=noise.covered,
            rate=noise.rate,
            worst=worst,
            worst_rate=rates[worst],
            best=best,
            best_rate=rates[best],
            asymmetry=asymmetry(clean, labels, corpus.num_classes),
            agreement=None if votes is None else krippendorff_alpha(votes, corpus.num_classes),
            roc_area=roc_area(probabilities, clean, labels),
        )


def asymmetry(clean_labels: LabelArray, noisy_labels: LabelArray, num_classes: int) -> float | None:
    """The skew-symmetric share of the transition matrix's off-diagonal part.

    It is the Frobenius norm of T - T', divided by the square root of two and by the
    norm of T without its diagonal: 0 if any two classes are taken for each other
    equally often, 1 if no error has an opposite one.

    Parameters
    ----------
    clean_labels: int64 (N,).
    noisy_labels: int64 (N,), -1 where there is no label.
    num_classes: the number of classes.

    Returns
    -------
    The share, or None where no label is wrong.

    >>> asymmetry(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    1.0
    """
    counts = np.zeros((num_classes, num_classes))
    covered = noisy_labels != UNLABELLED
    np.add.at(counts, (clean_labels[covered], noisy_labels[covered]), 1)
    matrix = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(matrix, 0)
    errors = float(np.linalg.norm(matrix))
    return float(np.linalg.norm(matrix - matrix.T)) / (2**0.5 * errors) if errors else None


def krippendorff_alpha(votes: LabelArray, num_classes: int) -> float | None:
    """Krippendorff's alpha for nominal votes, where silence is a missing value.

    Parameters
    ----------
    votes: int64 (N, R), a column a voter, -1 where it is silent.
    num_classes: the number of classes.

    Returns
    -------
    1 for full agreement, 0 for that of chance. None where no row has two votes or all
    votes are for one class.

    >>> krippendorff_alpha(np.array([[0, 0], [1, 1], [0, -1]]), 2)
    1.0
    """
    counts = vote_counts(votes, num_classes)
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        return None
    sizes, totals = counts.sum(axis=1), counts.sum(axis=0)
    number = int(sizes.sum())
    differing = ((sizes**2 - (counts**2).sum(axis=1)) / (sizes - 1)).sum() / number
    expected = (number**2 - (totals**2).sum()) / (number * (number - 1))
    return float(1 - differing / expected) if expected else None


def out_of_fold(texts: Sequence[str], labels: LabelArray, num_classes: int) -> FloatArray:
    """Probabilities of classes from logistic regression on TF-IDF, float64 (N, C).

    Each text is predicted by a model of the other folds. A text's fold is a hash of it,
    so equal texts are in one fold.
    """
    from threadpoolctl import threadpool_limits

    folds = np.floor(FOLDS * uniform_by_id(texts, "fold", "kinds of noise")).astype(np.int64)
    probabilities = np.full((len(texts), num_classes), 1 / num_classes)
    with threadpool_limits(limits=1):
        for fold in range(FOLDS):
            held_out, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            if len(held_out) and len(set(labels[rest].tolist())) > 1:
                probabilities[held_out] = _predicted(texts, labels, rest, held_out, num_classes)
    return probabilities


def roc_area(probabilities: FloatArray, clean_labels: LabelArray, noisy_labels: LabelArray) -> float | None:
    """The probability that a wrong label is less probable than a right one, among the
    labelled rows.

    None with fewer than ten wrong labels, or without a right one.
    """
    from sklearn.metrics import roc_auc_score

    rows = np.flatnonzero(noisy_labels != UNLABELLED)
    wrong = (clean_labels != noisy_labels)[rows]
    if wrong.sum() < FEWEST_WRONG or wrong.all():
        return None
    return float(roc_auc_score(wrong, 1 - probabilities[rows, noisy_labels[rows]]))


def _predicted(
    texts: Sequence[str], labels: LabelArray, rest: LabelArray, held_out: LabelArray, num_classes: int
) -> FloatArray:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(sublinear_tf=True, max_features=MOST_TERMS, token_pattern=r"(?u)\b\w+\b")
    terms = vectorizer.fit_transform([texts[row] for row in rest])
    model = LogisticRegression(max_iter=1000).fit(terms, labels[rest])
    found = np.zeros((len(held_out), num_classes))
    found[:, model.classes_] = model.predict_proba(vectorizer.transform([texts[row] for row in held_out]))
    return found
