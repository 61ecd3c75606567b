"""A teacher for noise that follows a classifier's doubts: it learns from clean labels,
and never speaks to methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.contracts import LabelArray, uniform_by_id
from benchmark.contracts.arrays import FloatArray

FOLDS = 5
MOST_ITERATIONS = 500
SMALLEST_PROBABILITY = 1e-6
SHARPEST, FLATTEST = 0.5, 10.0
"""Bounds of the temperature: where the classes are easily told apart, the likeliest one
would leave no doubt at all.
"""


def out_of_fold_posterior(
    features: Mapping[str, FloatArray], train_labels: LabelArray, train_ids: Sequence[str], num_classes: int
) -> dict[str, FloatArray]:
    """Class probabilities of every text by models that never saw it, float64 (N, C) by
    the names of `features`.

    `features`: float64 (N, F), `train` among them. `train_labels`: clean, int64 (N,).
    The teacher is multinomial logistic regression (L2, strength 1) on five folds of the
    training texts, stratified by class and cut by hash of the id: a training text gets
    the probabilities of the model that it was held out from, any other text the mean of
    all five. One temperature, which makes the held-out probabilities likeliest, scales
    them all (Guo et al., ICML 2017, arXiv:1706.04599). The order of rows does not
    matter.
    """
    from threadpoolctl import threadpool_limits

    by_hash = uniform_by_id(train_ids, "teacher")
    order = np.lexsort((by_hash, train_labels))
    fold = np.empty(len(order), dtype=np.int64)
    fold[order] = np.arange(len(order)) % FOLDS
    made = {name: np.zeros((len(rows), num_classes)) for name, rows in features.items()}
    with threadpool_limits(limits=1):
        for held_out in range(FOLDS):
            rows = order[fold[order] != held_out]
            predict = _fitted(features["train"][rows], train_labels[rows], num_classes)
            asked = order[fold[order] == held_out]
            made["train"][asked] = predict(features["train"][asked])
            for name in made.keys() - {"train"}:
                made[name] += predict(features[name]) / FOLDS
    temperature = best_temperature(made["train"][order], train_labels[order])
    return {name: at_temperature(probabilities, temperature) for name, probabilities in made.items()}


def best_temperature(probabilities: FloatArray, labels: LabelArray) -> float:
    """The temperature in [0.5, 10] under which the labels, int64 (N,), are likeliest; 1
    where there are none.
    """
    from scipy.optimize import minimize_scalar

    if len(labels) == 0:
        return 1.0
    rows = np.arange(len(labels))

    def negative_log_likelihood(log_temperature: float) -> float:
        given = at_temperature(probabilities, float(np.exp(log_temperature)))[rows, labels]
        return float(-np.log(np.maximum(given, SMALLEST_PROBABILITY)).mean())

    bounds = (np.log(SHARPEST), np.log(FLATTEST))
    found = minimize_scalar(negative_log_likelihood, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def at_temperature(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Rows proportional to p^(1 / temperature), p at least 1e-6, float64 (N, C).

    Below 1 they are sharper.

    >>> at_temperature(np.array([[0.8, 0.2]]), 0.5).round(3).tolist()
    [[0.941, 0.059]]
    """
    logits = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)) / temperature
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    scaled: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return scaled


def _fitted(features: FloatArray, labels: LabelArray, num_classes: int) -> Any:
    """A function from features (N, F) to probabilities (N, C).

    Classes that it did not meet get none.
    """
    from sklearn.linear_model import LogisticRegression

    met = np.unique(labels)
    if len(met) < 2:
        constant = np.full(num_classes, 1.0 / num_classes) if len(met) == 0 else np.eye(num_classes)[met[0]]
        return lambda rows: np.tile(constant, (len(rows), 1))
    model = LogisticRegression(max_iter=MOST_ITERATIONS).fit(features, labels)

    def predict(rows: FloatArray) -> FloatArray:
        probabilities = np.zeros((len(rows), num_classes))
        if len(rows):
            probabilities[:, met] = model.predict_proba(rows)
        return probabilities

    return predict
