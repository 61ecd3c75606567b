"""What predictions of the training texts tell as a training goes on."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.contracts import Network

ROUNDING = 1e-9
"""Rates closer than this share are equal.

Fractions at equal distances differ in their last bits.
"""


class WrongEvents:
    """How often each training text was predicted to be of another class than its noisy
    label says.

    `counts`: int64 (N,).  Zhang et al., NeurIPS 2025, arXiv:2505.00812.
    """

    def __init__(self, noisy_labels: Tensor) -> None:
        self.noisy_labels = noisy_labels
        self.counts = torch.zeros_like(noisy_labels)

    def add(self, predicted: Tensor, rows: Tensor | None = None) -> None:
        """Count one prediction, int64, of each of `rows`, no row twice, or of all
        texts.
        """
        chosen = slice(None) if rows is None else rows
        self.counts[chosen] += predicted != self.noisy_labels[chosen]


class LabelWave:
    """Keeps the weights from before the training predictions first begin to change
    faster.

    Between two looks e - 1 and e, the rate of change is the share of predictions that
    differ over the share of the training done. Once it exceeds the one before, the
    weights of look e - 1 are kept for good, else the latest. Yuan, Feng & Liu, ICLR
    2024, arXiv:2502.07551, with looks at epoch ends, and as arXiv:2505.00812 uses it.
    """

    def __init__(self) -> None:
        self.weights: dict[str, Tensor] = {}
        self.risen = False
        self._predicted: Tensor | None = None
        self._fraction = 0.0
        self._rate = float("inf")

    def look(self, network: Network, predicted: Tensor, fraction: float) -> None:
        """Look at a network after a share of its training: its predictions of all
        training texts, int64 (N,).
        """
        if self.risen:
            return
        if self._predicted is not None:
            rate = float((predicted != self._predicted).double().mean()) / (fraction - self._fraction)
            self.risen = rate > self._rate * (1 + ROUNDING)
            self._rate = rate
        if not self.risen:
            self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self._predicted, self._fraction = predicted, fraction
