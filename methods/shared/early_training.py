"""Cross-entropy stopped before it memorises: what first stages read posteriors from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.contracts import LabelArray, NoisyView, ProbabilityArray, Trainer
from benchmark.contracts.arrays import FloatArray, at_labels


@dataclass(frozen=True)
class EarlyOutputs:
    """The class probabilities of one early network, float32: `train` (N, C), `valid`
    (M, C).
    """

    train: ProbabilityArray
    valid: ProbabilityArray


def train_early(view: NoisyView, trainer: Trainer, share: float, rows: LabelArray | None = None) -> EarlyOutputs:
    """Train one network by cross-entropy for `share` of the recipe's steps and show its
    best point.

    Best is the highest accuracy on noisy validation labels, then the lowest negative
    log-likelihood, then the earlier. The network learns from `rows`, or from all
    training texts, and its probabilities are of all. It is a fresh one each time, from
    the cell's initial weights.
    """
    networks = trainer.networks(1)
    best: tuple[tuple[float, float], dict[str, Any], ProbabilityArray] | None = None
    for point in trainer.train(networks, lambda batch: batch.losses.mean(), rows=rows):
        # The first point counts even where it lies beyond the share.
        if best is not None and point.fraction > share + 1e-9:
            break
        valid = trainer.evaluate(networks, split="valid").probabilities[:, 0] if len(view.valid) else None
        score = (0.0, 0.0) if valid is None else _agreement(valid, view.valid.noisy_labels)
        if best is None or score > best[0] or valid is None:
            shown = np.empty((0, view.num_classes), dtype=np.float32) if valid is None else valid
            best = score, {name: kept.clone() for name, kept in networks[0].state_dict().items()}, shown
    if best is None:
        raise ValueError("the recipe has no point at which to look")
    networks[0].load_state_dict(best[1])
    return EarlyOutputs(trainer.evaluate(networks).probabilities[:, 0], best[2])


def calibrated_posterior(view: NoisyView, early: EarlyOutputs) -> FloatArray:
    """Give P(noisy label | x) of the training texts, (N, C), at the temperature that
    fits the noisy validation labels.
    """
    from methods.shared.calibration import recalibrated

    return recalibrated(early.train, early.valid, view.valid.noisy_labels)


def out_of_fold_posterior(view: NoisyView, trainer: Trainer, folds: int, share: float) -> FloatArray:
    """Give P(noisy label | x) of each training text from an early network that did not
    learn from it, (N, C).

    Folds are drawn by `trainer.generator("folds")`, stratified by noisy label.
    """
    labels = view.train.noisy_labels
    fold_of = stratified_folds(labels, folds, trainer.generator("folds"))
    found = np.empty((len(labels), view.num_classes))
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        others = np.flatnonzero(~held_out)
        early = train_early(view, trainer, share, others if len(others) else None)
        found[held_out] = early.train[held_out]
    return found


def stratified_folds(labels: LabelArray, folds: int, generator: np.random.Generator) -> LabelArray:
    """Give the fold of each example, int64 (N,).

    Each label's examples are spread evenly over at least two folds.

    >>> labels, draws = np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(0)
    >>> stratified_folds(labels, 3, draws).reshape(2, 3).sum(axis=1)
    array([3, 3])
    """
    shuffled = generator.permutation(len(labels))
    ordered = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold_of = np.empty(len(labels), dtype=np.int64)
    fold_of[ordered] = np.arange(len(labels)) % max(2, folds)
    return fold_of


def _agreement(probabilities: ProbabilityArray, labels: LabelArray) -> tuple[float, float]:
    given = at_labels(probabilities, labels).astype(np.float64)
    return float((probabilities.argmax(axis=1) == labels).mean()), float(np.log(np.maximum(given, 1e-12)).mean())
