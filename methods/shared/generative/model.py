"""The generative stage of DyGen and NPC: autoencoders over representations, one a
branch, trained to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmark.contracts import EmbeddingArray, OutputHistory, ProbabilityArray
from methods.shared.generative.autoencoder import (
    DirichletAutoencoders,
    approximate_latent,
    dirichlet_divergence,
    dirichlet_latent,
    gamma_divergence,
    mode,
    posterior,
    reconstruction,
)
from methods.shared.losses import agreement

INFERENCE_ROWS = 256

Stream = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class GenerativeSettings:
    """Parameters of the generative stage; DyGen's and NPC's fields name them.

    The agreement counts from the first epoch that begins at or after a share `warmup`
    of all epochs.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    agreement_weight: float = 0.0
    warmup: float = 0.0
    divergence_weight: float = 1.0
    divergence: Literal["dirichlet", "gamma"] = "dirichlet"
    likelihood: Literal["bernoulli", "categorical"] = "bernoulli"
    latent: Literal["dirichlet", "approximate"] = "dirichlet"
    standardise: bool = True
    shuffle: bool = True


def embedding_of(outputs: Any) -> EmbeddingArray:
    """The embedding of some outputs, float16 (N, M, D), which trajectories cannot do
    without.
    """
    if outputs.embedding is None:
        raise ValueError("trajectories need embeddings; the harness kept none")
    embedding: EmbeddingArray = outputs.embedding
    return embedding


def trajectory_rows(seen: OutputHistory, rows: Any) -> Tensor:
    """Embeddings of some rows at all points side by side, float32 (M, B, E · D).

    `rows`: a slice or int64 (B,). The whole, (M, N, E · D), is never joined: it stays
    float16, a point an array.
    """
    parts = [torch.from_numpy(embedding_of(outputs)[rows]) for outputs in seen]
    return torch.cat(parts, dim=2).transpose(0, 1).float()


@dataclass(frozen=True)
class Standardiser:
    """w · scale + shift, both (M, 1, H): mean 0 and deviation 1/√H in each dimension of
    the training trajectories.

    The root of the length makes a step of the optimiser move a logit by the same amount
    whatever the length.
    """

    scale: Tensor
    shift: Tensor

    @classmethod
    def of(cls, seen: OutputHistory, device: torch.device) -> Standardiser:
        """Statistics of the training trajectories, in chunks."""
        count = len(embedding_of(seen[0]))
        chunks = [slice(start, start + INFERENCE_ROWS) for start in range(0, count, INFERENCE_ROWS)]
        mean: Any = sum(trajectory_rows(seen, rows).double().sum(1) for rows in chunks) / count
        square: Any = sum(((trajectory_rows(seen, rows) - mean.unsqueeze(1)) ** 2).sum(1) for rows in chunks) / count
        scale = 1.0 / square.sqrt().clamp_min(1e-6) / mean.shape[1] ** 0.5
        return cls(scale.float().unsqueeze(1).to(device), (-mean * scale).float().unsqueeze(1).to(device))

    @classmethod
    def identity(cls, seen: OutputHistory, device: torch.device) -> Standardiser:
        """Leaves trajectories as they are."""
        one = torch.ones_like(trajectory_rows(seen, slice(0, 1)), device=device)
        return cls(one, torch.zeros_like(one))

    def __call__(self, trajectory: Tensor) -> Tensor:
        """Standardised rows, float32 (M, B, H)."""
        return torch.addcmul(self.shift, trajectory.to(self.scale.device), self.scale)


def generative_loss(
    logits: Tensor, labels: Tensor, alpha: Tensor, prior: Tensor, settings: GenerativeSettings, agree: float
) -> Tensor:
    """The loss of M branches on a batch, a scalar: reconstruction, divergence from the
    prior, agreement of the modes.

    All (M, B, C); `labels` one-hot. Sums over the batch, means over the branches.
    """
    divergence = dirichlet_divergence if settings.divergence == "dirichlet" else gamma_divergence
    likelihood = reconstruction(logits, labels, settings.likelihood)
    bound = likelihood.sum(1) + settings.divergence_weight * divergence(alpha, prior).sum(1)
    loss = bound.mean()
    return loss + agree * agreement(mode(alpha)).sum() if agree else loss


@dataclass(frozen=True)
class GenerativeModel:
    """Autoencoders with what puts trajectories into their units.

    They go on changing until the training ends.
    """

    autoencoders: DirichletAutoencoders
    standardise: Standardiser

    def project(self, seen: OutputHistory, rows: Any) -> Tensor:
        """The trajectories' part of encoder and decoder, (M, B, 2C)."""
        return self.autoencoders.project(self.standardise(trajectory_rows(seen, rows)))

    def predict(self, seen: OutputHistory, label_probabilities: ProbabilityArray) -> ProbabilityArray:
        """p(y | x) of each branch, float32 (N, M, C), from the outputs of all points
        and p(ỹ | x), (N, M, C).
        """
        out = np.empty_like(label_probabilities)
        with torch.inference_mode():
            for start in range(0, len(out), INFERENCE_ROWS):
                rows = slice(start, start + INFERENCE_ROWS)
                alpha = self.autoencoders.imagine(self.project(seen, rows))
                given = torch.from_numpy(label_probabilities[rows]).to(alpha.device).transpose(0, 1)
                out[rows] = posterior(given, alpha).transpose(0, 1).cpu().numpy()
        return out

    def correct(self, seen: OutputHistory, labels: Tensor) -> ProbabilityArray:
        """Distribution of the true label given the noisy one, float32 (N, M, C): the
        mode of q(y | w, ỹ).
        """
        parts = []
        with torch.inference_mode():
            for start in range(0, labels.shape[1], INFERENCE_ROWS):
                rows = slice(start, start + INFERENCE_ROWS)
                label = torch.nn.functional.one_hot(labels[:, rows], self.autoencoders.num_classes).float()
                parts.append(mode(self.autoencoders.encode(self.project(seen, rows), label)).transpose(0, 1).cpu())
        corrected: npt.NDArray[np.float32] = torch.cat(parts).numpy()
        return corrected


def train_generative(
    seen: OutputHistory,
    labels: Tensor,
    priors: Tensor,
    settings: GenerativeSettings,
    order: np.random.Generator,
    stream: Stream,
    check_time: Callable[[], None],
) -> Iterator[tuple[float, GenerativeModel]]:
    """Train one autoencoder a branch; yields (share done, model) after each epoch.

    `seen`: the training texts' outputs at each point; `labels`: int64 (M, N), what is
    conditioned on and reconstructed; `priors`: (M, N, C) concentrations.
    """
    branches, rows_total, num_classes = priors.shape
    device = priors.device
    standardise = (Standardiser.of if settings.standardise else Standardiser.identity)(seen, device)
    width = standardise.scale.shape[2]
    with stream():
        autoencoders = DirichletAutoencoders(branches, width, num_classes).to(device)
    model = GenerativeModel(autoencoders, standardise)
    optimiser = torch.optim.Adam(autoencoders.parameters(), lr=settings.learning_rate, fused=True)
    for epoch in range(settings.epochs):
        agree = settings.agreement_weight if epoch >= settings.warmup * settings.epochs else 0.0
        rows = order.permutation(rows_total) if settings.shuffle else np.arange(rows_total)
        for start in range(0, rows_total, settings.batch_size):
            check_time()
            batch = rows[start : start + settings.batch_size]
            index = torch.from_numpy(batch).to(device)
            label = torch.nn.functional.one_hot(labels[:, index], num_classes).float()
            projected = model.project(seen, batch)
            alpha = autoencoders.encode(projected, label)
            with stream():
                latent = _latent(alpha, settings)
            logits = autoencoders.decode(projected, latent)
            loss = generative_loss(logits, label, alpha, priors[:, index], settings, agree)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        yield (epoch + 1) / settings.epochs, model


def _latent(alpha: Tensor, settings: GenerativeSettings) -> Tensor:
    if settings.latent == "dirichlet":
        return dirichlet_latent(alpha)
    return approximate_latent(alpha, torch.rand_like(alpha))
