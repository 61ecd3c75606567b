"""Noise under which the labels no longer tell the classes apart: said with its bound,
and refused unless allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from benchmark.contracts import BenchmarkError, NoiseModel, noise_from
from benchmark.corpora import load_card
from benchmark.records.config import TrialConfig

TOLERANCE = 1e-12


def identifiability_problem(noise: NoiseModel, num_classes: int) -> str | None:
    """Say what hides the classes: a rate that reaches its model's bound, or a class
    labelled as another as often as itself.

    None where the diagonal of the transition matrix dominates, or the model has no
    matrix and is below its bound.
    """
    known = noise.in_distribution(num_classes)
    for step in noise.steps:
        rate, bound = step.requested_rate, step.rate_bound(known)
        if rate is not None and rate >= bound - TOLERANCE:
            return (
                f"{step} asks for a rate of {rate:g}, but from {bound:.3g} on such noise over {known} classes "
                "no longer identifies them: no method can learn the clean labels from these data alone."
            )
    matrix = noise.transition_matrix(num_classes)
    if matrix is None:
        return None
    matrix = matrix[:known, :known]
    others = np.where(np.eye(known) > 0, -1.0, matrix)
    hidden = np.flatnonzero(np.diag(matrix) <= others.max(axis=1) + TOLERANCE)
    if not len(hidden):
        return None
    k = int(hidden[0])
    j = int(others[k].argmax())
    return (
        f"under {noise} class {k} is labelled {j} with probability {matrix[k, j]:.3g} and {k} with {matrix[k, k]:.3g}: "
        "no method can learn the clean labels from these data alone."
    )


def check_identifiable(configs: Iterable[TrialConfig], allowed: bool, warn: Callable[[str], None]) -> None:
    """Refuse, or where `allowed` warn of, every cell whose noise hides the classes."""
    pairs = dict.fromkeys((config.corpus, config.noise) for config in configs)
    problems = []
    for corpus, noise in pairs:
        problem = identifiability_problem(noise_from(noise), len(load_card(corpus).label_names))
        if problem:
            problems.append(f"{corpus}: {problem}")
    if problems and not allowed:
        raise BenchmarkError(
            "\n".join([*problems, "Lower the rate, or run it all the same by --allow-unidentifiable."])
        )
    for problem in problems:
        warn(problem)
