"""DyGen's second stage: one autoencoder a branch, trained together so that they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from methods.dygen.vae import (
    DirichletAutoencoder,
    dirichlet_divergence,
    gamma_divergence,
    mode,
    posterior,
    reconstruction,
)
from methods.engine.losses import agreement

INFERENCE_ROWS = 1_024

Stream = Callable[[], AbstractContextManager[None]]
TrajectoryArray = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Settings:
    """Parameters of the second stage, as named in `DyGen`."""

    epochs: int
    batch_size: int
    learning_rate: float
    divergence: Literal["dirichlet", "gamma"]
    likelihood: Literal["bernoulli", "categorical"]
    divergence_weight: float
    agreement_weight: float
    warmup: float


@dataclass(frozen=True)
class Standardiser:
    """Mean and inverse deviation of each trajectory dimension over the training set, float32 (H,).

    The result is divided by the square root of H, so that a step of the optimiser moves a logit by the same
    amount whatever the length of the trajectory.
    """

    mean: Tensor
    scale: Tensor

    @classmethod
    def of(cls, trajectory: TrajectoryArray) -> Standardiser:
        """Statistics of a training trajectory, (N, H), in chunks."""
        mean = trajectory.mean(axis=0, dtype=np.float64)
        square = np.zeros(trajectory.shape[1])
        for start in range(0, len(trajectory), INFERENCE_ROWS):
            square += ((trajectory[start : start + INFERENCE_ROWS].astype(np.float64) - mean) ** 2).sum(axis=0)
        deviation = np.sqrt(square / len(trajectory))
        scale = 1.0 / np.maximum(deviation, 1e-6) / np.sqrt(trajectory.shape[1])
        return cls(torch.from_numpy(mean).float(), torch.from_numpy(scale).float())

    def __call__(self, rows: TrajectoryArray) -> Tensor:
        """Standardised float32 rows, (B, H)."""
        standard: Tensor = (torch.from_numpy(rows).to(self.mean.device).float() - self.mean) * self.scale
        return standard

    def to(self, device: torch.device) -> Standardiser:
        """The same on a device."""
        return Standardiser(self.mean.to(device), self.scale.to(device))


def stage_two_loss(
    logits: Tensor, labels: Tensor, alpha: Tensor, prior: Tensor, settings: Settings, agree: float
) -> Tensor:
    """The loss of M branches on a batch, a scalar: reconstruction, divergence from the prior, agreement of the modes.

    `logits`, `alpha`, `prior`: (M, B, C); `labels`: one-hot (B, C). Sums over the batch, means over the branches.
    """
    divergence = dirichlet_divergence if settings.divergence == "dirichlet" else gamma_divergence
    likelihood = reconstruction(logits, labels.expand_as(logits), settings.likelihood)
    bound = likelihood.sum(1) + settings.divergence_weight * divergence(alpha, prior).sum(1)
    loss = bound.mean()
    return loss + agree * agreement(mode(alpha)).sum() if agree else loss


def train_stage_two(
    trajectories: Sequence[TrajectoryArray],
    labels: Tensor,
    priors: Tensor,
    settings: Settings,
    order: np.random.Generator,
    stream: Stream,
    check_time: Callable[[], None],
) -> Iterator[tuple[float, list[DirichletAutoencoder], list[Standardiser]]]:
    """Train one autoencoder a branch; yields (share done, autoencoders, standardisers) after each epoch.

    `trajectories`: M arrays (N, H); `labels`: int64 (N,), noisy; `priors`: (M, N, C) concentrations.
    """
    num_classes = priors.shape[2]
    device = labels.device
    standardisers = [Standardiser.of(t).to(device) for t in trajectories]
    with stream():
        models = [DirichletAutoencoder(t.shape[1], num_classes).to(device) for t in trajectories]
    optimiser = torch.optim.Adam([p for m in models for p in m.parameters()], lr=settings.learning_rate, fused=True)
    one_hot = torch.nn.functional.one_hot(labels, num_classes).float()
    per_epoch = -(-len(labels) // settings.batch_size)
    warm_steps = settings.warmup * per_epoch * settings.epochs
    step = 0
    for epoch in range(settings.epochs):
        shuffled = order.permutation(len(labels))
        for start in range(0, len(shuffled), settings.batch_size):
            check_time()
            rows = shuffled[start : start + settings.batch_size]
            index = torch.from_numpy(rows).to(device)
            label = one_hot[index]
            logits, alphas = [], []
            with stream():
                for model, standardise, trajectory in zip(models, standardisers, trajectories, strict=True):
                    w = standardise(trajectory[rows])
                    alpha = model.encode(w, label)
                    latent = torch.distributions.Dirichlet(alpha).rsample()
                    logits.append(model.decode(w, latent))
                    alphas.append(alpha)
            agree = settings.agreement_weight if step >= warm_steps else 0.0
            loss = stage_two_loss(torch.stack(logits), label, torch.stack(alphas), priors[:, index], settings, agree)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            step += 1
        yield (epoch + 1) / settings.epochs, models, standardisers


def predict_true_labels(
    model: DirichletAutoencoder,
    standardise: Standardiser,
    trajectory: TrajectoryArray,
    label_probabilities: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """p(y | x) of one branch, float32 (N, C), from its trajectory (N, H) and its noisy-label probabilities (N, C)."""
    out = np.empty_like(label_probabilities)
    device = standardise.mean.device
    with torch.inference_mode():
        for start in range(0, len(out), INFERENCE_ROWS):
            part = slice(start, start + INFERENCE_ROWS)
            alpha = model.imagine(standardise(trajectory[part]))
            noisy = torch.from_numpy(label_probabilities[part]).to(device)
            out[part] = posterior(noisy, alpha).cpu().numpy()
    return out


def correct_labels(
    model: DirichletAutoencoder, standardise: Standardiser, trajectory: TrajectoryArray, labels: Tensor
) -> npt.NDArray[np.float32]:
    """Distribution of the true label given the noisy one, float32 (N, C): the mode of q(y | w, ỹ) of one branch."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(labels), INFERENCE_ROWS):
            part = slice(start, start + INFERENCE_ROWS)
            label = torch.nn.functional.one_hot(labels[part], model.num_classes).float()
            parts.append(mode(model.encode(standardise(trajectory[part]), label)).cpu())
    return torch.cat(parts).numpy()
