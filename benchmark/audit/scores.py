"""Scores of any detectors, each thing that they read made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.audit.detectors import Detector, Evidence, detector_named
from benchmark.audit.heads import Features
from benchmark.audit.neighbours import find_neighbours
from benchmark.audit.progress import Progress, chunks, silent
from benchmark.audit.rule import Models
from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray


def detector_scores(
    names: Sequence[str],
    models: Models,
    features: Features,
    labels: LabelArray,
    num_classes: int,
    progress: Progress = silent,
) -> dict[str, FloatArray]:
    """Give the scores of the named detectors, by name.

    Parameters
    ----------
    names : names of detectors.
    models : what was fitted on the table. Detectors of probabilities need `held_out`,
        those of a trajectory the training with `cross_entropy`, too.
    features : float32 (N, D).
    labels : the given labels, int64 (N,), in [0, C).
    num_classes : C.
    progress : is told which share of the rows is done.

    Returns
    -------
    float64 (N,) each; the higher, the likelier the label is wrong.
    """
    chosen = [detector_named(name) for name in names]
    found = {detector.name: np.empty(len(labels)) for detector in chosen}
    by_part = [detector for detector in chosen if detector.reads != "neighbours"]
    whole = [detector for detector in chosen if detector.reads == "neighbours"]
    levels, early = _levels_and_early(by_part, models, features, labels, num_classes)
    for rows in chunks(len(labels), _values_a_row(by_part, models, num_classes), progress):
        evidence = Evidence(labels[rows], rows.start, mean_self_confidence=levels, early=early)
        if any(detector.reads == "probabilities" for detector in by_part) and models.held_out is not None:
            evidence = replace(evidence, probabilities=models.held_out.probabilities(features[rows], rows))
        if any(detector.reads == "trajectory" for detector in by_part):
            evidence = replace(evidence, logits=models.trainings["cross_entropy"].logits(features[rows]))
        for detector in by_part:
            found[detector.name][rows] = detector.scores(evidence)
    if whole:
        neighbours = models.neighbours or find_neighbours(features)
        for detector in whole:
            found[detector.name] = detector.scores(Evidence(labels, neighbours=neighbours))
    return found


def _values_a_row(by_part: Sequence[Detector], models: Models, num_classes: int) -> int:
    points = len(models.trainings["cross_entropy"].networks) if "cross_entropy" in models.trainings else 1
    return num_classes * (points if any(detector.reads == "trajectory" for detector in by_part) else 1)


def _levels_and_early(
    by_part: Sequence[Detector], models: Models, features: Features, labels: LabelArray, num_classes: int
) -> tuple[FloatArray | None, int]:
    """Give the mean self-confidence of each class, and the point of the training that
    agrees best with held-out predictions.
    """
    reads = {detector.reads for detector in by_part}
    held_out, training = models.held_out, models.trainings.get("cross_entropy")
    if held_out is None or not reads & {"probabilities", "trajectory"}:
        return None, 0
    looks = training if "trajectory" in reads else None
    sums, agreeing = np.zeros(num_classes), np.zeros(len(looks.networks) if looks else 1)
    for rows in chunks(len(labels), num_classes * len(agreeing)):
        probabilities = held_out.probabilities(features[rows], rows)
        own = probabilities[np.arange(len(probabilities)), labels[rows]]
        sums += np.bincount(labels[rows], weights=own, minlength=num_classes)
        if looks is not None:
            predicted = looks.logits(features[rows]).argmax(axis=2)
            agreeing += (predicted == probabilities.argmax(axis=1)).sum(axis=1)
    sizes = np.bincount(labels, minlength=num_classes)
    return sums / np.maximum(sizes, 1), int(agreeing.argmax())
