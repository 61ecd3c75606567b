"""Diffusion of labels on the simplex, conditional on a text and its noisy label."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot, softplus

OFFSET = 1e-4
"""Shifts the cosine of the schedule; part of the published values."""


def to_simplex(labels: Tensor, num_classes: int, scale: float) -> Tensor:
    """Give 2K e_y - K of each label, float32 (B, C), with K = `scale`."""
    return 2 * scale * one_hot(labels, num_classes).float() - scale


def cosine_schedule(steps: int) -> Tensor:
    """Give ᾱ of each step, float32 (T,), which falls from 1 as a squared cosine."""
    at = [math.cos((t / steps + OFFSET) / (1 + OFFSET) * math.pi / 2) ** 2 for t in range(steps)]
    return torch.tensor([value / at[0] for value in at], dtype=torch.float32)


def diffused(simplex: Tensor, noise: Tensor, kept: Tensor) -> Tensor:
    """Give √ᾱ x + √(1 - ᾱ) ε, (B, C), with ᾱ = `kept` (B, 1) or a scalar."""
    return kept.sqrt() * simplex + (1 - kept).sqrt() * noise


class Denoiser(nn.Module):
    """A network that gives logits of the true label from its noisy simplex, the step,
    the text and the noisy label.

    Two layers, each a linear map times a learned gain of the step, normalised and made
    positive, times a projection of the text.
    """

    def __init__(self, features: int, num_classes: int, steps: int, width: int) -> None:
        super().__init__()
        self.project = nn.Sequential(nn.Linear(features, width), nn.BatchNorm1d(width))
        sizes = (2 * num_classes, width)
        self.layers = nn.ModuleList(nn.Linear(size, width) for size in sizes)
        self.gains = nn.ModuleList(nn.Embedding(steps, width) for _ in sizes)
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in sizes)
        self.classify = nn.Linear(width, num_classes)
        for gain in self.gains:
            nn.init.uniform_(gain.weight)  # type: ignore[arg-type]

    def forward(self, noisy: Tensor, step: Tensor, text: Tensor, label: Tensor) -> Tensor:
        """Give logits (B, C) from a noisy simplex (B, C), steps int64 (B,), projected
        texts (B, W) and labels' simplex (B, C).
        """
        hidden = torch.cat([noisy, label], dim=1)
        for layer, gain, norm in zip(self.layers, self.gains, self.norms, strict=True):
            hidden = softplus(norm(gain(step) * layer(hidden))) * text
        logits: Tensor = self.classify(hidden)
        return logits


def reverse(network: Denoiser, text: Tensor, label: Tensor, noise: Tensor, alphas: Tensor, scale: float) -> Tensor:
    """Give logits of the true label (B, C) at the end of the reverse process.

    `text` holds projected texts (B, W), `label` noisy labels as simplex (B, C), `noise`
    draws of deviation K for each step, (S + 1, B or 1, C). The S steps are spread
    evenly over those of training, whose ᾱ are `alphas` (T,).
    """
    steps = len(noise) - 1
    times = [j * len(alphas) // steps for j in range(steps)]
    simplex = noise[-1].expand(label.shape)
    logits = simplex
    for j in reversed(range(steps)):
        step = torch.full((len(label),), times[j], dtype=torch.int64, device=label.device)
        logits = network(simplex, step, text, label)
        projected = to_simplex(logits.argmax(1), label.shape[1], scale)
        kept = alphas[times[j - 1]] if j else torch.ones_like(alphas[0])
        simplex = diffused(projected, noise[j], kept)
    return logits
