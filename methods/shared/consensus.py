"""Noise from consensus: the transition matrix that explains how labels of near
neighbours agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray

Features = npt.NDArray[np.floating[Any]]

BLOCK_ROWS = 512
"""Rows of similarities held at once."""

START_DIAGONAL = 0.8
"""P(label right) where the search starts.

A dominant diagonal fixes the names of the latent classes.
"""


@dataclass(frozen=True)
class Consensus:
    """The solution of the consensus equations.

    `transition` is float64 (C, C), and its rows are true classes. `priors` is float64
    (C,), of true classes.
    """

    transition: FloatArray
    priors: FloatArray

    @property
    def noise_rate(self) -> float:
        """The share of wrong labels, 1 - sum_k p_k T_kk."""
        return float(1.0 - self.priors @ np.diag(self.transition))


def two_nearest(features: Features, centres: LabelArray) -> LabelArray:
    """Give the indices of the two rows most alike each centre by cosine, int64
    (len(centres), 2).

    A centre is not its own neighbour. `features` are (N, D) with N >= 3. Equal
    similarities go to the lower index.
    """
    rows = np.asarray(features, dtype=np.float32)
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    found = np.empty((len(centres), 2), dtype=np.int64)
    for start in range(0, len(centres), BLOCK_ROWS):
        block = centres[start : start + BLOCK_ROWS]
        alike = unit[block] @ unit.T
        own = np.arange(len(block))
        alike[own, block] = -np.inf
        for rank in range(2):
            best = alike.argmax(axis=1)
            found[start : start + len(block), rank] = best
            alike[own, best] = -np.inf
    return found


def consensus_frequencies(triples: LabelArray, num_classes: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the shares of label patterns of one, two and three neighbours, float64 (C,),
    (C, C) and (C, C, C).

    `triples` are int64 (M, 3): the noisy labels of an example and of its two nearest
    neighbours.
    """
    third = np.zeros((num_classes,) * 3)
    np.add.at(third, (triples[:, 0], triples[:, 1], triples[:, 2]), 1.0 / len(triples))
    return third.sum(axis=(1, 2)), third.sum(axis=2), third


def solve_consensus(frequencies: Sequence[FloatArray], iterations: int = 300) -> Consensus:
    """Solve for the transition matrix and priors that fit all three orders best.

    With rows T_k and priors p, the consensus equations are c1 = sum_k p_k T_k, c2 =
    sum_k p_k T_k (x) T_k and c3 = sum_k p_k T_k (x) T_k (x) T_k. T and p are softmax of
    free parameters. Zhu, Song & Liu, ICML 2021, arXiv:2102.05291.

    Departure: the mismatch of an order is ||c - observed||^2 / ||observed||^2, which is
    smooth at its minimum and weighs all orders alike. L-BFGS minimises the sum from a
    dominant diagonal, without random restarts.
    """
    import torch
    from scipy.optimize import minimize

    observed = [torch.from_numpy(np.ascontiguousarray(f)) for f in frequencies]
    classes = len(frequencies[0])

    def law(flat: Any) -> tuple[Any, Any]:
        return flat[classes:].view(classes, classes).softmax(1), flat[:classes].softmax(0)

    def mismatch(values: FloatArray) -> tuple[float, FloatArray]:
        flat = torch.tensor(values, requires_grad=True)
        transition, priors = law(flat)
        first = priors @ transition
        second = torch.einsum("k,ki,kj->ij", priors, transition, transition)
        pairs = torch.einsum("ki,kj->kij", transition, transition).flatten(1)
        third = ((priors[:, None] * transition).T @ pairs).view(classes, classes, classes)
        parts = (first, second, third)
        loss = sum(((part - seen) ** 2).sum() / (seen**2).sum() for part, seen in zip(parts, observed, strict=True))
        loss.backward()
        return float(loss.detach()), np.asarray(flat.grad, dtype=np.float64)

    best = minimize(mismatch, _start(frequencies[0]), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    transition, priors = law(torch.from_numpy(best.x))
    return Consensus(transition.numpy(), priors.numpy())


def _start(first: FloatArray) -> FloatArray:
    classes = len(first)
    off = (1.0 - START_DIAGONAL) / max(classes - 1, 1)
    transition = np.full((classes, classes), off) + (START_DIAGONAL - off) * np.eye(classes)
    return np.concatenate([np.log(first + 1e-3), np.log(transition).ravel()])
