"""CausalNL's generative model over fixed text embeddings: z, y → x and x, y → noisy
label.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmark.contracts.handles import Stream

HIDDEN = 256


@dataclass(frozen=True)
class Generated:
    """One pass: `embedding` x̂ (B, D), `noisy_logits` (B, C), `mean` and `log_variance`
    of z (B, Z).
    """

    embedding: Tensor
    noisy_logits: Tensor
    mean: Tensor
    log_variance: Tensor


class CausalAutoencoder(nn.Module):
    """q(z | x, y) = N(μ, σ²), p(x | z, y) and p(ỹ | x̂, y), each with one hidden layer
    of 256.

    Yao et al., NeurIPS 2021, arXiv:2109.02986, figure 3 and eq. 4; x is a fixed
    embedding here, not an image.
    """

    def __init__(self, width: int, num_classes: int, latent: int) -> None:
        super().__init__()
        self.encoder = _two_layers(width + num_classes, 2 * latent)
        self.decoder = _two_layers(latent + num_classes, width)
        self.noise = _two_layers(width + num_classes, num_classes)

    def forward(self, embedding: Tensor, label: Tensor, standard_normal: Tensor) -> Generated:
        """Rebuild embeddings (B, D) by labels on the simplex (B, C) and N(0, 1) draws
        (B, Z), with z = μ + σ ε.
        """
        mean, log_variance = self.encoder(torch.cat([embedding, label], dim=-1)).chunk(2, dim=-1)
        latent = mean + (0.5 * log_variance).exp() * standard_normal
        rebuilt = self.decoder(torch.cat([latent, label], dim=-1))
        return Generated(rebuilt, self.noise(torch.cat([rebuilt, label], dim=-1)), mean, log_variance)


@dataclass(frozen=True)
class Weights:
    """Weights of the three terms of the bound, as named in `CausalNL`."""

    rebuilding: float
    noisy_label: float
    divergence: float


def generative_loss(generated: Generated, embedding: Tensor, noisy_labels: Tensor, weights: Weights) -> Tensor:
    """Give w_x · MSE(x̂, x) + w_ỹ · CE(ñ, ỹ) - w_z Σ (1 + log σ² - μ² - σ²), a scalar.

    The first two terms are means over the batch. The third is a sum over batch and
    dimensions, as in the authors' code.
    """
    variance = generated.log_variance.exp()
    gaussian = (1.0 + generated.log_variance - generated.mean**2 - variance).sum()
    return (
        weights.rebuilding * functional.mse_loss(generated.embedding, embedding)
        + weights.noisy_label * functional.cross_entropy(generated.noisy_logits, noisy_labels)
        - weights.divergence * gaussian
    )


def gumbel_softmax(logits: Tensor, uniform: Tensor) -> Tensor:
    """Give a relaxed sample of the class at temperature 1, (..., C), from logits and
    draws in [0, 1) of the same shape.

    Jang et al., ICLR 2017, arXiv:1611.01144.
    """
    gumbel = -(-uniform.clamp_min(1e-20).log()).clamp_min(1e-20).log()
    return torch.softmax(logits + gumbel, dim=-1)


class CausalModels:
    """The autoencoders of K classifiers with their optimiser, and the standardised
    embeddings that they rebuild.
    """

    def __init__(
        self, embeddings: Tensor, networks: int, num_classes: int, latent: int, learning_rate: float, stream: Stream
    ) -> None:
        deviation = embeddings.std(0, unbiased=False)
        self.embeddings = (embeddings - embeddings.mean(0)) / deviation.clamp_min(1e-6)
        self.latent = latent
        self._stream = stream
        with stream():
            self.models = [
                CausalAutoencoder(embeddings.shape[1], num_classes, latent).to(embeddings.device)
                for _ in range(networks)
            ]
        parameters = [p for model in self.models for p in model.parameters()]
        self._optimiser = torch.optim.Adam(parameters, lr=learning_rate)

    def step(self) -> None:
        """Apply the gradients of the last batch, if there was one, and forget them."""
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)

    def loss(self, logits: Tensor, rows: Tensor, noisy_labels: Tensor, weights: Weights) -> Tensor:
        """Give the sum over the K classifiers of the generative loss under their logits
        (K, B, C), for training rows (B,).
        """
        embedding = self.embeddings[rows]
        losses = []
        for model, own_logits in zip(self.models, logits, strict=True):
            with self._stream():
                uniform = torch.rand_like(own_logits)
                normal = torch.randn(len(rows), self.latent, dtype=logits.dtype, device=logits.device)
            generated = model(embedding, gumbel_softmax(own_logits, uniform), normal)
            losses.append(generative_loss(generated, embedding, noisy_labels, weights))
        return torch.stack(losses).sum()


def _two_layers(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, outputs))
