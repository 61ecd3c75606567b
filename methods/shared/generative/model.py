"""The generative stage of DyGen and NPC: autoencoders over representations, one a
branch, trained to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from benchmark.contracts import OutputHistory, ProbabilityArray
from benchmark.contracts.handles import Stream
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
from methods.shared.generative.trajectories import CHUNK_ROWS, Standardiser, Trajectories, trajectory_rows
from methods.shared.losses import agreement


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


def generative_loss(
    logits: Tensor, labels: Tensor, alpha: Tensor, prior: Tensor, settings: GenerativeSettings, agree: float
) -> Tensor:
    """Give the loss of M branches on a batch, a scalar: reconstruction, divergence from
    the prior, agreement of the modes.

    All tensors are (M, B, C), and `labels` are one-hot. The loss sums over the batch
    and averages over the branches.
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

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> GenerativeModel:
        """Make the model whose tensors these are."""
        standardise, weights = Standardiser.parted(tensors)
        branches, num_classes, _ = weights["label_weights"].shape
        autoencoders = DirichletAutoencoders(branches, standardise.width, num_classes)
        autoencoders.load_state_dict(weights)
        return cls(autoencoders, standardise)

    def tensors(self) -> dict[str, Tensor]:
        """Give all that the model is."""
        return self.autoencoders.state_dict() | self.standardise.tensors()

    def project(self, seen: OutputHistory, rows: Any) -> Tensor:
        """Give the trajectories' part of encoder and decoder, (M, B, 2C)."""
        return self.autoencoders.project(self.standardise(trajectory_rows(seen, rows)))

    def predict(self, seen: OutputHistory, label_probabilities: ProbabilityArray) -> ProbabilityArray:
        """Give p(y | x) of each branch, float32 (N, M, C), from the outputs of all
        points and p(ỹ | x), (N, M, C).
        """
        out = np.empty_like(label_probabilities)
        with torch.inference_mode():
            for start in range(0, len(out), CHUNK_ROWS):
                rows = slice(start, start + CHUNK_ROWS)
                alpha = self.autoencoders.imagine(self.project(seen, rows))
                given = torch.from_numpy(label_probabilities[rows]).to(alpha.device).transpose(0, 1)
                out[rows] = posterior(given, alpha).transpose(0, 1).cpu().numpy()
        return out

    def correct(self, seen: OutputHistory, labels: Tensor) -> ProbabilityArray:
        """Give the distribution of the true label given the noisy one, float32 (N, M,
        C): the mode of q(y | w, ỹ).
        """
        parts = []
        with torch.inference_mode():
            for start in range(0, labels.shape[1], CHUNK_ROWS):
                rows = slice(start, start + CHUNK_ROWS)
                label = torch.nn.functional.one_hot(labels[:, rows], self.autoencoders.num_classes).float()
                parts.append(mode(self.autoencoders.encode(self.project(seen, rows), label)).transpose(0, 1).cpu())
        corrected: ProbabilityArray = torch.cat(parts).numpy()
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
    """Train one autoencoder a branch, and yield (share done, model) after each epoch.

    `seen` holds the training texts' outputs at each point. `labels`, int64 (M, N), are
    conditioned on and reconstructed. `priors` are concentrations (M, N, C).
    """
    branches, rows_total, num_classes = priors.shape
    device = priors.device
    standardise = (Standardiser.of if settings.standardise else Standardiser.identity)(seen, device)
    trajectories = Trajectories.of(seen, standardise)
    with stream():
        autoencoders = DirichletAutoencoders(branches, standardise.width, num_classes).to(device)
    model = GenerativeModel(autoencoders, standardise)
    given = torch.nn.functional.one_hot(labels, num_classes).float()
    optimiser = torch.optim.Adam(autoencoders.parameters(), lr=settings.learning_rate, fused=True)
    for epoch in range(settings.epochs):
        agree = settings.agreement_weight if epoch >= settings.warmup * settings.epochs else 0.0
        order_of_rows = order.permutation(rows_total) if settings.shuffle else np.arange(rows_total)
        for rows in torch.split(torch.from_numpy(order_of_rows).to(device), settings.batch_size):
            check_time()
            label = given.index_select(1, rows)
            projected = autoencoders.project(trajectories(rows))
            alpha = autoencoders.encode(projected, label)
            with stream():
                latent = _latent(alpha, settings)
            logits = autoencoders.decode(projected, latent)
            loss = generative_loss(logits, label, alpha, priors.index_select(1, rows), settings, agree)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        yield (epoch + 1) / settings.epochs, model


def _latent(alpha: Tensor, settings: GenerativeSettings) -> Tensor:
    if settings.latent == "dirichlet":
        return dirichlet_latent(alpha)
    return approximate_latent(alpha, torch.rand_like(alpha))
