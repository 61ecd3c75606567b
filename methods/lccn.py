"""LCCN: latent labels drawn by Gibbs sampling, and a transition matrix from their
counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from benchmark.contracts import (
    GradientMethod,
    Network,
    NoisyView,
    Trainer,
    TrainingDiagnostics,
    Within,
    above,
    register,
)
from benchmark.contracts.arrays import at_labels
from methods.shared.epochs import whole_epochs

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


class LatentLabels:
    """The latent labels z of the training set, int64 (N,), and their counts with the
    noisy ones.

    `counts`: float64 (C, C), rows are latent classes. `transition`: φ, float64 (C, C),
    the counts plus `smoothing` over their row's sum, as they were at the last refresh.
    """

    def __init__(self, drawn: Tensor, noisy_labels: Tensor, num_classes: int, smoothing: float) -> None:
        import torch

        self.labels, self.noisy_labels, self.smoothing = drawn.clone(), noisy_labels, smoothing
        self.counts = torch.zeros(num_classes, num_classes, dtype=torch.float64, device=drawn.device)
        self._count(self.labels, noisy_labels, 1.0)
        self.refresh()

    def refresh(self) -> None:
        """Take φ from the counts as they are now."""
        smoothed = self.counts + self.smoothing
        self.transition = smoothed / smoothed.sum(1, keepdim=True)

    def posterior(self, probabilities: Tensor, noisy_labels: Tensor) -> Tensor:
        """Give q(z = k) ∝ p_k φ_kỹ, float64 (B, C)."""
        joint = probabilities.double() * self.transition[:, noisy_labels].T
        return joint / joint.sum(-1, keepdim=True).clamp_min(1e-300)

    def put(self, rows: Tensor, drawn: Tensor) -> None:
        """Give the rows, each named once, the labels that were drawn for them, int64
        (B,).
        """
        noisy = self.noisy_labels[rows]
        self._count(self.labels[rows], noisy, -1.0)
        self._count(drawn, noisy, 1.0)
        self.labels[rows] = drawn

    def _count(self, latent: Tensor, noisy: Tensor, sign: float) -> None:
        self.counts.index_put_((latent, noisy), self.counts.new_full((len(latent),), sign), accumulate=True)


def drawn_from(distribution: Tensor, uniform: Tensor) -> Tensor:
    """Give a class for each row by its distribution (B, C) and a number from [0, 1),
    (B,).
    """
    classes = distribution.shape[-1]
    # A cumulative sum by a product: torch's own is not deterministic on CUDA.
    reached = distribution @ distribution.new_ones(classes, classes).triu()
    return (reached <= uniform[:, None]).sum(-1).clamp_max(classes - 1)


class State:
    """The draws, and the latent labels once there are any, which one training
    remembers.
    """

    def __init__(self, draws: np.random.Generator) -> None:
        self.draws = draws
        self.latent: LatentLabels | None = None


@register
class LatentClassConditionalNoise(GradientMethod):
    """L = CE(p, z), with z ~ q(z = k) ∝ p_k φ_kỹ drawn anew for each example at each
    visit.

    φ_kj = (n_kj + α) / Σ_j (n_kj + α), with n_kj the number of examples that have
    latent label k and noisy label j. Each draw changes the counts at once, and φ is
    taken from them every `refresh` steps. The gradient does not flow through q.

    Yao et al., TPAMI 2023, arXiv:2302.09595, whose sampler is that of AAAI 2019,
    "Safeguarded dynamic label regression"; α = 1. The counts keep φ from following one
    batch. Text adaptation: z starts as the prediction of a network after a tenth of the
    epochs of cross-entropy. For the next four tenths φ is that of these first labels.
    Then it is refreshed every 50 steps (200 for the authors' longer trainings). Where
    classes are many, so that a row of counts is thin, α below 1 shrinks φ less towards
    uniform.

    q believes a noisy label where the network does. A network that can memorise fits
    more and more noisy labels through the draws, and φ, once it is refreshed, follows
    it towards the identity. This takes longer than under cross-entropy, and longer the
    longer φ is held or the larger α is, such as a tenth of N / C². The last point gains
    by it. Where noisy validation labels choose, an early point of cross-entropy can be
    the better one.
    """

    name = "lccn"
    family = "transition matrix"
    citation = """@article{yao2023lccn,
  title = {Latent Class-Conditional Noise Model},
  author = {Yao, Jiangchao and Han, Bo and Zhou, Zhihan and Zhang, Ya and Tsang, Ivor W.},
  journal = {IEEE Transactions on Pattern Analysis and Machine Intelligence}, year = {2023}}"""
    departures = (
        "During the warm-up φ is that of the first latent labels; the authors' code reads a matrix that was estimated "
        "before from a file.",
        "The latent labels start in the same training, after a tenth of it; the authors train a network to the end "
        "first.",
        "Warm-up and refreshes are counted for trainings of some hundred steps: four tenths of the steps and every 50; "
        "the authors' are 20,000 and 200.",
        "Open-set classes, semi-supervised and cross-model forms are left out.",
    )

    first_stage: Annotated[float, Within(0, "last_epoch")] = 0.1
    fixed: Annotated[float, Within(0, 1)] = 0.4
    refresh: Annotated[int, Within(1, 100_000)] = 50
    smoothing: Annotated[float, above(0)] = 1.0

    def start(self, view: NoisyView, trainer: Trainer) -> State:
        """Give a state without latent labels."""
        return State(trainer.generator("latent labels"))

    def before_epoch(
        self, epoch: int, view: NoisyView, trainer: Trainer, networks: list[Network], state: State
    ) -> None:
        """Make the predictions after the first stage the first latent labels."""
        import torch

        if epoch != whole_epochs(self.first_stage, trainer.recipe.epochs):
            return
        predicted = torch.from_numpy(trainer.evaluate(networks).probabilities[:, 0].argmax(1)).to(trainer.device)
        noisy_labels = torch.from_numpy(view.train.noisy_labels.copy()).to(trainer.device)
        state.latent = LatentLabels(predicted, noisy_labels, view.num_classes, self.smoothing)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy with the noisy labels, and after the first stage
        with those drawn.
        """
        import torch

        from benchmark.contracts.batch import label_losses

        latent: LatentLabels | None = batch.state.latent
        if latent is None:
            return batch.losses.mean()
        if batch.step % self.refresh == 0 and batch.progress >= self.first_stage + self.fixed:
            latent.refresh()
        posterior = latent.posterior(batch.probabilities[0].detach(), batch.noisy_labels)
        uniform = torch.from_numpy(batch.state.draws.random(len(posterior))).to(posterior.device, non_blocking=True)
        drawn = drawn_from(posterior, uniform)
        latent.put(batch.rows, drawn)
        return label_losses(batch.log_probabilities, drawn).mean()

    def findings(self, view: NoisyView, trainer: Trainer, networks: list[Network], state: State) -> TrainingDiagnostics:
        """Give 1 - q(z = ỹ) as suspicion, the likeliest z as corrected label, φ, and
        the noise rate that it implies.
        """
        import torch

        from methods.shared.transition.matrices import implied_noise_rate

        if state.latent is None:
            return super().findings(view, trainer, networks, state)
        probabilities = trainer.evaluate(networks).probabilities
        own = torch.from_numpy(probabilities[:, 0]).to(trainer.device)
        posterior = state.latent.posterior(own, state.latent.noisy_labels).cpu().numpy()
        matrix, labels = state.latent.transition.cpu().numpy(), view.train.noisy_labels
        return TrainingDiagnostics(
            train_probabilities=probabilities,
            suspicion=1.0 - at_labels(posterior, labels),
            corrected_labels=posterior.argmax(axis=1),
            transition_matrix=matrix,
            noise_rate=implied_noise_rate(matrix, labels),
        )
