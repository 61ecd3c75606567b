"""The conditional Dirichlet autoencoder: noisy label and trajectory to the true label's distribution, and back."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

LOWEST, HIGHEST = 1.0 + 1e-4, 1e4
"""Bounds of the concentration, so that its mode exists and its gradient is finite."""


class DirichletAutoencoder(nn.Module):
    """Encoder q(y | w, ỹ) = Dir(α) and decoder p(ỹ | w, y) of one branch, both one linear layer.

    α = softplus(W_e [w; e_ỹ] + b_e) + 1 + 1/C; decoder logits W_d [w; y] + b_d.  DyGen, arXiv:2305.19395.
    """

    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.width = width
        self.num_classes = num_classes
        self.encoder = nn.Linear(width + num_classes, num_classes)
        self.decoder = nn.Linear(width + num_classes, num_classes)

    def encode(self, trajectory: Tensor, label: Tensor) -> Tensor:
        """Concentration α, (B, C), from trajectories (B, H) and one-hot noisy labels (B, C)."""
        return self._alpha(self._joined(self.encoder, trajectory, label))

    def decode(self, trajectory: Tensor, latent: Tensor) -> Tensor:
        """Logits of the noisy label, (B, C), from trajectories (B, H) and a point of the simplex (B, C)."""
        return self._joined(self.decoder, trajectory, latent)

    def imagine(self, trajectory: Tensor) -> Tensor:
        """Concentrations under each possible noisy label, (B, C imagined, C), in one product.

        The encoder is linear, so W_e [w; e_k] = W_e^w w + column k of W_e^y.
        """
        weights = self.encoder.weight
        shared = functional.linear(trajectory, weights[:, : self.width], self.encoder.bias)
        return self._alpha(shared.unsqueeze(1) + weights[:, self.width :].T.unsqueeze(0))

    def _joined(self, layer: nn.Linear, trajectory: Tensor, label: Tensor) -> Tensor:
        """The layer on [trajectory; label], without joining them: the trajectory is long and would be copied."""
        weights = layer.weight
        return functional.linear(trajectory, weights[:, : self.width], layer.bias) + label @ weights[:, self.width :].T

    def _alpha(self, logits: Tensor) -> Tensor:
        return (functional.softplus(logits) + 1.0 + 1.0 / self.num_classes).clamp(LOWEST, HIGHEST)


def dirichlet_divergence(alpha: Tensor, prior: Tensor) -> Tensor:
    """KL(Dir(α) || Dir(prior)), (...,), from concentrations (..., C)."""
    total = alpha.sum(-1)
    normaliser = torch.lgamma(total) - torch.lgamma(prior.sum(-1)) - (torch.lgamma(alpha) - torch.lgamma(prior)).sum(-1)
    return normaliser + ((alpha - prior) * (torch.digamma(alpha) - torch.digamma(total).unsqueeze(-1))).sum(-1)


def gamma_divergence(alpha: Tensor, prior: Tensor) -> Tensor:
    """KL between products of independent Gamma(α_k, 1) variables: the form in the authors' code, (...,)."""
    terms = torch.lgamma(prior) - torch.lgamma(alpha) + (alpha - prior) * torch.digamma(alpha)
    return terms.sum(-1)


def reconstruction(logits: Tensor, label: Tensor, form: Literal["bernoulli", "categorical"]) -> Tensor:
    """Negative log-likelihood of the noisy label, (...,), from decoder logits and one-hot labels (..., C)."""
    if form == "bernoulli":
        return functional.binary_cross_entropy_with_logits(logits, label, reduction="none").sum(-1)
    return -(functional.log_softmax(logits, dim=-1) * label).sum(-1)


def mode(alpha: Tensor) -> Tensor:
    """Mode of Dir(α), (..., C): (α - 1) / Σ(α - 1); it exists because α > 1."""
    excess = alpha - 1.0
    return excess / excess.sum(-1, keepdim=True)


def posterior(label_probabilities: Tensor, alpha: Tensor) -> Tensor:
    """p(y | x) = Σ_k p(ỹ = k | x) · mode(α(w, e_k))_y of one branch, (B, C), from (B, C) and (B, C imagined, C)."""
    return torch.einsum("bk,bky->by", label_probabilities, mode(alpha))
