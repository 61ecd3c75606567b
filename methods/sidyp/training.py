"""The second stage of SiDyP: denoisers trained on labels that they refine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmark.contracts import OutputHistory
from benchmark.contracts.handles import Stream
from methods.shared.epochs import whole_epochs
from methods.shared.generative.trajectories import Standardiser, trajectory_rows
from methods.shared.losses import agreement
from methods.sidyp.diffusion import Denoiser, cosine_schedule, diffused, reverse, to_simplex
from methods.sidyp.model import DiffusionModel
from methods.sidyp.prior import refined


@dataclass(frozen=True)
class DiffusionSettings:
    """Parameters of the second stage, which the fields of SiDyP name."""

    epochs: int
    batch_size: int
    learning_rate: float
    warmup: float
    agreement: float
    rounds: int
    scale: float
    steps: int
    reverse_steps: int
    width: int

    def rate_at(self, progress: float) -> float:
        """Give the learning rate, which rises over the warm-up and then falls to 0 as
        half a cosine.
        """
        if progress < self.warmup:
            return self.learning_rate * progress / self.warmup
        left = (progress - self.warmup) / max(1e-9, 1 - self.warmup)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * left))


@dataclass
class Refinement:
    """The candidates' weights (M, N, C), which grow as training goes on, who is
    uncertain, bool (M, N), and the noisy labels, int64 (N,).
    """

    weights: Tensor
    uncertain: Tensor
    labels: Tensor

    def renew(self, m: int, rows: Tensor, predictions: Callable[[Tensor], Tensor], rounds: int) -> None:
        """Refine the uncertain `rows` of a branch by `rounds` predictions."""
        rows = rows[self.uncertain[m, rows]]
        for _ in range(rounds if len(rows) else 0):
            self.weights[m, rows] = refined(self.weights[m, rows], predictions(rows), rounds)


def train_diffusion(
    seen: OutputHistory,
    refinement: Refinement,
    settings: DiffusionSettings,
    order: np.random.Generator,
    stream: Stream,
    check_time: Callable[[], None],
) -> Iterator[tuple[float, DiffusionModel]]:
    """Train one denoiser a branch, and yield (share done, model) after each epoch."""
    branches, rows_total, num_classes = refinement.weights.shape
    device, warm = refinement.weights.device, whole_epochs(settings.warmup, settings.epochs)
    standardise = Standardiser.of(seen, device)
    with stream():
        shape = (standardise.width, num_classes, settings.steps, settings.width)
        denoisers = torch.nn.ModuleList(Denoiser(*shape) for _ in range(branches)).to(device)
        draws = settings.scale * torch.randn(settings.reverse_steps + 1, 1, num_classes).to(device)
    model = DiffusionModel(denoisers, standardise, cosine_schedule(settings.steps).to(device), draws, settings.scale)
    optimiser = torch.optim.Adam(denoisers.parameters(), lr=settings.learning_rate)
    for epoch in range(settings.epochs):
        rows = order.permutation(rows_total)
        for start in range(0, rows_total, settings.batch_size):
            check_time()
            batch = rows[start : start + settings.batch_size]
            progress = (epoch + start / rows_total) / settings.epochs
            for group in optimiser.param_groups:
                group["lr"] = settings.rate_at(progress)
            with stream():
                loss = step_loss(model, seen, batch, refinement, settings, refine=epoch >= warm)
            if loss is None:
                continue
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            for denoiser in denoisers:
                torch.nn.utils.clip_grad_norm_(denoiser.parameters(), 1.0)
            optimiser.step()
        yield (epoch + 1) / settings.epochs, model


def step_loss(
    model: DiffusionModel,
    seen: OutputHistory,
    batch: np.ndarray,
    refinement: Refinement,
    settings: DiffusionSettings,
    refine: bool,
) -> Tensor | None:
    """Give the loss of a batch, or None where too few of its texts can be learned from.

    In the warm-up each branch learns from its certain texts. Then it refines the
    weights of the others, and learns from all.
    """
    device = model.alphas.device
    trajectory = model.standardise(trajectory_rows(seen, batch))
    rows = torch.from_numpy(batch).to(device)
    given = to_simplex(refinement.labels[rows], refinement.weights.shape[2], settings.scale)
    losses, predicted = [], []
    for m, denoiser in enumerate(model.denoisers):
        if refine:
            refinement.renew(m, rows, predictions_of(model, m, trajectory[m], rows, given), settings.rounds)
        kept = torch.ones_like(rows, dtype=torch.bool) if refine else ~refinement.uncertain[m, rows]
        # A single text has no variance to normalise by.
        if int(kept.sum()) < 2:
            continue
        targets = torch.multinomial(refinement.weights[m, rows[kept]], 1).squeeze(1)
        times = torch.randint(len(model.alphas), (len(targets),)).to(device)
        simplex = to_simplex(targets, given.shape[1], settings.scale)
        noise = settings.scale * torch.randn(simplex.shape).to(device)
        noisy = diffused(simplex, noise, model.alphas[times].unsqueeze(1))
        text = denoiser.project(trajectory[m][kept])  # type: ignore[operator]
        logits = denoiser(noisy, times, text, given[kept])
        losses.append(torch.nn.functional.cross_entropy(logits, targets))
        predicted.append(logits.softmax(1))
    if not losses:
        return None
    loss = torch.stack(losses).mean()
    return loss + settings.agreement * agreement(torch.stack(predicted)).mean() if refine else loss


def predictions_of(
    model: DiffusionModel, m: int, trajectory: Tensor, batch: Tensor, given: Tensor
) -> Callable[[Tensor], Tensor]:
    """Give the function that predicts some of a batch's rows by one branch, with new
    draws at each call.
    """

    def predict(rows: Tensor) -> Tensor:
        denoiser = model.denoisers[m].eval()
        at = torch.isin(batch, rows)
        with torch.no_grad():
            draws = model.scale * torch.randn(len(model.draws), len(rows), given.shape[1]).to(given.device)
            text = denoiser.project(trajectory[at])  # type: ignore[operator]
            logits = reverse(denoiser, text, given[at], draws, model.alphas, model.scale)  # type: ignore[arg-type]
        denoiser.train()
        return logits.argmax(1)

    return predict
