"""Mixing of examples, and soft targets to mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Mixing:
    """Each row with a partner: l · row + (1 - l) · partner.

    `share` is l; `partners`: int64 (B,), a permutation of the rows. Berthelot et al.,
    NeurIPS 2019, arXiv:1905.02249.
    """

    share: float
    partners: Tensor

    @classmethod
    def drawn(
        cls, draws: np.random.Generator, rows: int, shape: float, device: torch.device, folded: bool = True
    ) -> Mixing:
        """Draw l ~ Beta(shape, shape) and a random permutation of `rows` rows.

        `folded` takes max(l, 1 - l), of at least 1/2, so that a row outweighs its
        partner.
        """
        share = float(draws.beta(shape, shape))
        partners = torch.from_numpy(draws.permutation(rows)).to(device, non_blocking=True)
        return cls(max(share, 1.0 - share) if folded else share, partners)

    def __call__(self, rows: Tensor) -> Tensor:
        """Give the mixed rows, (..., B, D), from (..., B, D)."""
        mixed: Tensor = self.share * rows + (1.0 - self.share) * rows[..., self.partners, :]
        return mixed


def sharpen(probabilities: Tensor, temperature: float) -> Tensor:
    """Give p_k^(1/T) / Σ_j p_j^(1/T) over the last axis.

    A temperature below 1 favours the likeliest class.
    """
    powers = probabilities ** (1.0 / temperature)
    return powers / powers.sum(-1, keepdim=True)
