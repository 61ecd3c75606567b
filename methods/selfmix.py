"""SelfMix: believe the labels of low loss, guess the others, and mix the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from benchmark.contracts import (
    GradientMethod,
    LabelArray,
    Network,
    NoisyView,
    Point,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
    Within,
    above,
    at_least,
    register,
)
from benchmark.contracts.arrays import FloatArray
from methods.shared.epochs import whole_epochs
from methods.shared.mixtures import fit_two_components, label_losses

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


def standardised_by_label(losses: FloatArray, labels: LabelArray, num_classes: int) -> FloatArray:
    """Give the losses (N,) minus the mean of their label's, over its standard
    deviation.
    """
    size = np.maximum(np.bincount(labels, minlength=num_classes), 1)
    centred = losses - (np.bincount(labels, losses, num_classes) / size)[labels]
    deviation = np.sqrt(np.bincount(labels, centred**2, num_classes) / size)
    return np.asarray(centred / np.maximum(deviation, 1e-12)[labels])


def pseudo_loss(log_probabilities: Tensor, kind: Literal["max", "min"]) -> Tensor:
    """Give the mean of -log p_k over views and examples (V, U, C).

    The class k is the likeliest one, or the least likely one.
    """
    chosen: Tensor = log_probabilities.amax(-1) if kind == "max" else log_probabilities.amin(-1)
    return -chosen.mean()


def view_divergence(log_probabilities: Tensor) -> Tensor:
    """Give ½ [KL(p1 || p2) + KL(p2 || p1)] of two views (2, U, C), summed over the
    examples.
    """
    first, second = log_probabilities
    divergence: Tensor = 0.5 * ((first.exp() - second.exp()) * (first - second)).sum()
    return divergence


@dataclass
class Split:
    """The latest split of the training set: P(label right), float64 (N,), and who is
    believed, bool (N,); None during the warm-up.
    """

    num_classes: int
    draws: np.random.Generator
    right: FloatArray | None = None
    believed: Tensor | None = None


@register
class SelfMix(GradientMethod):
    """Cross-entropy at first; then a mixture model splits the training set before each
    epoch.

    Split: a Gaussian mixture of two components is fitted to the losses ℓ_i = -log
    p_ỹ(x_i), scaled to [0, 1]. An example is labelled, x, where the posterior of the
    low component exceeds ½, else unlabelled, u.
    Targets: one-hot ỹ for x. For u, the network's own prediction in evaluation mode,
    sharpened at T = 0.5.
    L = CE(mix) + λ_p L_P + λ_r L_R over [x; u]. Each embedding h and target is mixed
    with those of a random partner: l h_i + (1 - l) h_j, l = max(l', 1 - l'), l' ~
    Beta(0.75, 0.75).
    On two dropout passes p1, p2 of u:
    L_P = -mean log max_k p_k and L_R = ½ Σ_u [KL(p1 || p2) + KL(p2 || p1)].

    Qiao et al., COLING 2022, arXiv:2210.04525. The method was made for text, and the
    embeddings are the encoder's. λ_p = 0.2 and λ_r = 0.3 are the authors' setting for
    TREC and AG News, whatever the noise. L_R is a sum, as theirs, and weighs more in
    larger batches. The warm-up is a share of the steps, a fifth, rounded up to whole
    epochs: of ten epochs two, the authors' number.

    The network must have learned something by the end of the warm-up. Where it has,
    noisy validation labels may still prefer a point of the warm-up, which is
    cross-entropy. Where it has not, as a small transformer from scratch after some
    twenty steps, the split is hardly better than chance and guesses confirm themselves.
    L_P raises the likeliest class and adds to that. `pseudo=min` and `pseudo_weight=0`
    reduce it.
    """

    name = "selfmix"
    family = "semi-supervised"
    citation = """@inproceedings{qiao2022selfmix,
  title = {SelfMix: Robust Learning Against Textual Label Noise with Self-Mixup Training},
  author = {Qiao, Dan and Dai, Chenchen and Ding, Yuyang and Li, Juntao and Chen, Qiang and Chen, Wenliang and
            Zhang, Min},
  booktitle = {Proceedings of COLING}, year = {2022}}"""
    departures = (
        "The mixture sees -log p_y; the authors' code takes the cross-entropy of softmax outputs as if they were "
        "logits, which keeps all losses within 1 of each other.",
        "`by_label` divides by the standard deviation of a label's losses; the authors' code by their variance.",
        "L_P raises the likeliest class; the authors' code raises the least likely one (`pseudo=min` here).",
        "The mixture starts from the scaled losses and draws nothing; the authors' starts from k-means, on whose draws "
        "posteriors can depend by 0.2.",
        "A batch of the cell is parted by the split, one pass an epoch; the authors draw as many unlabelled as "
        "labelled examples.",
        "One setting of λ_p, λ_r, `by_label` and warm-up for all noise; the authors choose them by the noise type.",
        "The last point, or the one best on noisy validation labels, counts; the authors evaluate on test each epoch.",
    )

    warmup: Annotated[float, Within(0, "last_epoch")] = 0.2
    by_label: bool = False
    temperature: Annotated[float, above(0)] = 0.5
    mixing_shape: Annotated[float, above(0)] = 0.75
    pseudo: Literal["max", "min"] = "max"
    pseudo_weight: Annotated[float, at_least(0)] = 0.2
    divergence_weight: Annotated[float, at_least(0)] = 0.3

    def start(self, view: NoisyView, trainer: Trainer) -> Split:
        """Give a state without a split."""
        return Split(view.num_classes, trainer.generator("mixing"))

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Train by the recipe, with a new split before each epoch after the warm-up."""
        networks, split = trainer.networks(1), self.start(view, trainer)
        first = whole_epochs(self.warmup, trainer.recipe.epochs)

        def before_epoch(epoch: int) -> None:
            if epoch >= first:
                self.renew(split, trainer.evaluate(networks).probabilities[:, 0], view, trainer)

        yield from trainer.train(
            networks,
            self.loss,
            state=split,
            before_epoch=before_epoch,
            findings=lambda: self.findings(view, trainer, networks, split),
        )

    def renew(self, split: Split, probabilities: ProbabilityArray, view: NoisyView, trainer: Trainer) -> None:
        """Split the training set anew by what the network says of it, (N, C)."""
        import torch

        labels = view.train.noisy_labels
        losses = label_losses(probabilities, labels)
        if self.by_label:
            losses = standardised_by_label(losses, labels, view.num_classes)
        split.right = fit_two_components(losses, "gaussian").low_posterior
        split.believed = torch.from_numpy(split.right > 0.5).to(trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the cross-entropy during the warm-up, then L."""
        from torch.nn import functional

        from methods.shared.losses import soft_cross_entropy
        from methods.shared.mixing import Mixing, sharpen

        if batch.state.believed is None:
            return batch.losses.mean()
        unlabelled = (~batch.state.believed[batch.rows]).nonzero().squeeze(-1)
        targets = functional.one_hot(batch.noisy_labels, batch.state.num_classes).to(batch.embeddings.dtype)
        if len(unlabelled):
            targets[unlabelled] = sharpen(batch.only(unlabelled).evaluated()[0], self.temperature)
        mixing = Mixing.drawn(batch.state.draws, len(targets), self.mixing_shape, targets.device)
        mixed = soft_cross_entropy(batch.classify(mixing(batch.embeddings))[0], mixing(targets)).mean()
        return mixed + self.regulariser(batch, unlabelled) if len(unlabelled) else mixed

    def regulariser(self, batch: TrainBatch, unlabelled: Tensor) -> Tensor:
        """Give λ_p L_P + λ_r L_R of two passes of the unlabelled examples."""
        import torch

        first = batch.classify(batch.embeddings[:, unlabelled])[0]
        views = torch.stack([first, batch.only(unlabelled).second_view()[0]]).log_softmax(-1)
        return self.pseudo_weight * pseudo_loss(views, self.pseudo) + self.divergence_weight * view_divergence(views)

    def findings(self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Split) -> TrainingDiagnostics:
        """Give P(label wrong) as suspicion; a label not believed is corrected to the
        prediction.
        """
        if state.right is None:
            return super().findings(view, trainer, networks, state)
        probabilities = trainer.evaluate(networks).probabilities
        predicted = probabilities[:, 0].argmax(1)
        return TrainingDiagnostics(
            train_probabilities=probabilities,
            suspicion=1.0 - state.right,
            corrected_labels=np.where(state.right > 0.5, view.train.noisy_labels, predicted),
        )
