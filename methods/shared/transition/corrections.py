"""Losses that know the transition matrix: T_kj = P(noisy label j | true label k)."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.contracts.batch import at_labels

SMALLEST_ENTRY = 1e-12
"""Floor under entries of T, whose logarithms are taken."""

LOWEST = 1e-7
"""Floor under a probability that is divided by."""

HIGHEST_INVERSE = 10.0
"""The bound of the entries of the inverse of T.

They grow without limit as T nears a singular matrix.
"""


def forward_losses(log_probabilities: Tensor, noisy_labels: Tensor, matrix: Tensor) -> Tensor:
    """Give -log (Tᵀp)_y of each example, (..., B).

    The arguments are log p (..., B, C), labels (B,) and T (C, C).

    Patrini et al., CVPR 2017, arXiv:1609.03683, theorem 2; computed from logarithms, so
    that no probability need be clipped.
    """
    return -torch.logsumexp(log_probabilities + matrix.clamp_min(SMALLEST_ENTRY).log().T[noisy_labels], dim=-1)


def backward_losses(log_probabilities: Tensor, noisy_labels: Tensor, inverse: Tensor) -> Tensor:
    """Give Σ_j (T⁻¹)_yj (-log p_j) of each example, (..., B).

    It is unbounded below where an entry of T⁻¹ is negative. `inverse` is T⁻¹, (C, C).
    Patrini et al., CVPR 2017, arXiv:1609.03683, theorem 1.
    """
    return -(inverse[noisy_labels] * log_probabilities).sum(-1)


def bounded_inverse(matrix: Tensor) -> Tensor:
    """Give the pseudo-inverse, (C, C), its entries kept within ±10."""
    inverse: Tensor = torch.linalg.pinv(matrix).clamp(-HIGHEST_INVERSE, HIGHEST_INVERSE)
    return inverse


def importance(probabilities: Tensor, noisy_labels: Tensor, matrix: Tensor) -> Tensor:
    """Give β = p_y / (Tᵀp)_y of each example, without gradient, (..., B), from p (...,
    B, C).

    Liu & Tao, TPAMI 2016, arXiv:1411.7718; Yao et al., NeurIPS 2020, arXiv:2006.07805.
    """
    p = probabilities.detach()
    return at_labels(p, noisy_labels) / at_labels(p @ matrix, noisy_labels).clamp_min(LOWEST)
