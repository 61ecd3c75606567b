"""The conditional Dirichlet autoencoder: from given label and representation to the
true label's distribution, and back.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

LOWEST, HIGHEST = 1.0 + 1e-4, 1e4
"""Bounds of the concentration, so that its mode exists and its gradient is finite."""

LOWEST_UNIFORM = 1e-7


class _Projection(torch.autograd.Function):
    """The product w · Wᵀ + b, (M, B, 2C), from w (M, B, H), W (M, 2C, H) and b
    (M, 1, 2C).

    Its gradient is made in the layout of W. Autograd's own is made transposed and is
    then copied, which takes longer than the product.
    """

    @staticmethod
    def forward(ctx: Any, representation: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
        ctx.save_for_backward(representation, weights)
        return torch.baddbmm(biases, representation, weights.transpose(1, 2))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        representation, weights = ctx.saved_tensors
        of_input = gradient.bmm(weights) if ctx.needs_input_grad[0] else None
        return of_input, gradient.transpose(1, 2).bmm(representation), gradient.sum(1, keepdim=True)


class DirichletAutoencoders(nn.Module):
    """Encoders q(y | w, ỹ) = Dir(α) and decoders p(ỹ | w, y) of M branches, each one
    linear layer.

    α = softplus(W_e [w; e_ỹ] + b_e) + 1 + 1/C; decoder logits W_d [w; y] + b_d. DyGen,
    arXiv:2305.19395; NPC, arXiv:2205.00690. Both layers see the same w, which is long:
    `project` multiplies it once for both.
    """

    def __init__(self, branches: int, width: int, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.weights = nn.Parameter(torch.empty(branches, 2 * num_classes, width))
        self.label_weights = nn.Parameter(torch.empty(branches, num_classes, num_classes))
        self.latent_weights = nn.Parameter(torch.empty(branches, num_classes, num_classes))
        self.biases = nn.Parameter(torch.empty(branches, 1, 2 * num_classes))
        bound = 1.0 / math.sqrt(width + num_classes)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def project(self, representation: Tensor) -> Tensor:
        """Give the part of both layers that w makes, (M, B, 2C), from (M, B, H).

        The columns of the encoder come first, then those of the decoder.
        """
        projected: Tensor = _Projection.apply(representation, self.weights, self.biases)  # type: ignore[no-untyped-call]
        return projected

    def encode(self, projected: Tensor, label: Tensor) -> Tensor:
        """Give the concentration α, (M, B, C), from projections (M, B, 2C) and one-hot
        given labels (M, B, C).
        """
        return self._alpha(projected[..., : self.num_classes] + label @ self.label_weights.transpose(1, 2))

    def decode(self, projected: Tensor, latent: Tensor) -> Tensor:
        """Give logits of the given label, (M, B, C), from projections (M, B, 2C) and
        latents (M, B, C).
        """
        return projected[..., self.num_classes :] + latent @ self.latent_weights.transpose(1, 2)

    def imagine(self, projected: Tensor) -> Tensor:
        """Give the concentrations under each possible given label, (M, B, C imagined,
        C).

        The encoder is linear, so W_e [w; e_k] = W_e^w w + column k of W_e^y.
        """
        shared = projected[..., : self.num_classes].unsqueeze(2)
        return self._alpha(shared + self.label_weights.transpose(1, 2).unsqueeze(1))

    def _alpha(self, logits: Tensor) -> Tensor:
        return (functional.softplus(logits) + 1.0 + 1.0 / self.num_classes).clamp(LOWEST, HIGHEST)


def dirichlet_latent(alpha: Tensor) -> Tensor:
    """Draw a reparameterised sample of Dir(α), (..., C)."""
    sample: Tensor = torch.distributions.Dirichlet(alpha, validate_args=False).rsample()
    return sample


def approximate_latent(alpha: Tensor, uniform: Tensor) -> Tensor:
    """Give (u α Γ(α))^(1/α), (..., C), the authors' stand-in for a sample.

    It is the inverse of the distribution function for α ≪ 1. α exceeds 1 here, so the
    sample is biased and too narrow, and it does not lie on the simplex. The released
    code of DyGen and NPC has it. u is kept above 1e-7, where theirs can meet log 0.
    """
    log_mass = torch.log(uniform.clamp_min(LOWEST_UNIFORM)) + torch.log(alpha) + torch.lgamma(alpha)
    return torch.exp(log_mass / alpha)


def dirichlet_divergence(alpha: Tensor, prior: Tensor) -> Tensor:
    """Give KL(Dir(α) || Dir(prior)), (...,), from concentrations (..., C)."""
    total = alpha.sum(-1)
    normaliser = torch.lgamma(total) - torch.lgamma(prior.sum(-1)) - (torch.lgamma(alpha) - torch.lgamma(prior)).sum(-1)
    return normaliser + ((alpha - prior) * (torch.digamma(alpha) - torch.digamma(total).unsqueeze(-1))).sum(-1)


def gamma_divergence(alpha: Tensor, prior: Tensor) -> Tensor:
    """Give KL between products of independent Gamma(α_k, 1) variables, (...,), the form
    in the authors' code.
    """
    terms = torch.lgamma(prior) - torch.lgamma(alpha) + (alpha - prior) * torch.digamma(alpha)
    return terms.sum(-1)


def reconstruction(logits: Tensor, label: Tensor, form: Literal["bernoulli", "categorical"]) -> Tensor:
    """Give the negative log-likelihood of the given label, (...,), from decoder logits
    and one-hot labels (..., C).
    """
    if form == "bernoulli":
        return functional.binary_cross_entropy_with_logits(logits, label, reduction="none").sum(-1)
    return -(functional.log_softmax(logits, dim=-1) * label).sum(-1)


def mode(alpha: Tensor) -> Tensor:
    """Give the mode of Dir(α), (..., C), which is (α - 1) / Σ(α - 1) and exists because
    α > 1.
    """
    excess = alpha - 1.0
    return excess / excess.sum(-1, keepdim=True)


def posterior(label_probabilities: Tensor, alpha: Tensor) -> Tensor:
    """Give p(y | x) = Σ_k p(ỹ = k | x) · mode(α(w, e_k))_y, (..., C), from (..., C) and
    (..., C imagined, C).
    """
    return torch.einsum("...k,...ky->...y", label_probabilities, mode(alpha))
