"""DivideMix: two networks split for each other what they mix and learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from benchmark.contracts import (
    GradientMethod,
    Network,
    NoisyView,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
    Within,
    above,
    at_least,
    register,
)
from methods.shared.epochs import whole_epochs
from methods.shared.mixtures import fit_two_components, label_losses

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch
    from methods.shared.mixing import Mixing


@dataclass
class Division:
    """What one training remembers.

    `begins` is the share of the steps that the warm-up takes, `draws` what is mixed by,
    `prior` the class shares (C,) that p̄ is held to. `right` holds P(label right) by
    network, float32 (2, N), and is None in the warm-up.
    """

    begins: float
    draws: np.random.Generator
    prior: Tensor
    right: Tensor | None = None


@register
class DivideMix(GradientMethod):
    """L_x + λ_u L_u + KL(π || p̄) for each of two networks, on examples that the other
    network splits.

    Split, before each epoch after a warm-up of cross-entropy: a Gaussian mixture of two
    components is fitted to each network's losses -log p_ỹ, scaled to [0, 1]. w_i is the
    posterior of the low component. A network takes as labelled what the other gives
    w_i > ½.
    Targets: sharpen(w_i e_ỹ + (1 - w_i) p_own) for labelled examples and
    sharpen(p_both) for the others, T = 0.5. p_own is the mean over two dropout passes
    of the network, p_both that over two passes of each network.
    Mixing: each embedding and target of both passes is mixed with a random partner's,
    l h_i + (1 - l) h_j, l = max(l', 1 - l'), l' ~ Beta(0.75, 0.75).
    L_x is the cross-entropy of the labelled rows, L_u the mean squared error of the
    probabilities of the others. λ_u grows linearly over a fifth of the steps. π holds
    the shares of the given labels, p̄ is the mean prediction.

    Li, Socher & Hoi, ICLR 2020, arXiv:2002.07394. Text adaptation: the two
    augmentations are two dropout passes, embeddings are mixed, and warm-up and ramp are
    shares of the steps. λ_u = 1 and Beta(0.75, 0.75) are ours, since images ask for
    hundreds of epochs and for more mixing.

    An encoder without dropout before its embeddings gives two equal passes, so that
    only the mixing sets them apart. Both networks predict: an ensemble of two.
    """

    name = "dividemix"
    family = "semi-supervised"
    networks = 2
    citation = """@inproceedings{li2020dividemix,
  title = {DivideMix: Learning with Noisy Labels as Semi-supervised Learning},
  author = {Li, Junnan and Socher, Richard and Hoi, Steven C. H.},
  booktitle = {International Conference on Learning Representations}, year = {2020}}"""
    departures = (
        "Two dropout passes take the place of two augmentations, and embeddings are mixed, since tokens cannot be.",
        "Guesses and training share a pair of passes; the authors' code makes another pair.",
        "Both networks take each step together; the authors train one for an epoch and then the other.",
        "A batch of the cell is parted by the split; the authors draw as many unlabelled as labelled examples.",
        "π holds the given labels' shares; the authors' is uniform, which pulls to rare classes (`prior=uniform`).",
        "The mixture starts from the scaled losses and draws nothing; the authors' starts from k-means.",
        "One setting for all noise; the authors choose λ_u and `confidence_penalty` by the noise.",
        "The networks' probabilities are averaged; the authors add their logits.",
        "The last point, or the one best on noisy validation labels, counts; the authors show the best test epoch.",
    )

    warmup: Annotated[float, Within(0, "last_epoch")] = 0.2
    confidence_penalty: Annotated[float, at_least(0)] = 0.0
    threshold: Annotated[float, Within(0, 1, "()")] = 0.5
    temperature: Annotated[float, above(0)] = 0.5
    mixing_shape: Annotated[float, above(0)] = 0.75
    unlabelled_weight: Annotated[float, at_least(0)] = 1.0
    ramp: Annotated[float, Within(0, 1, "(]")] = 0.2
    prior: Literal["observed", "uniform"] = "observed"

    def start(self, view: NoisyView, trainer: Trainer) -> Division:
        """Give a division without a split; the warm-up is rounded up to whole
        epochs.
        """
        from methods.shared.views import class_shares

        epochs = trainer.recipe.epochs
        prior = class_shares(self.prior, view.train.noisy_labels, view.num_classes).to(trainer.device)
        return Division(whole_epochs(self.warmup, epochs) / epochs, trainer.generator("mixing"), prior)

    def before_epoch(
        self, epoch: int, view: NoisyView, trainer: Trainer, networks: list[Network], state: Division
    ) -> None:
        """Split the training set anew, after the warm-up."""
        if epoch >= round(state.begins * trainer.recipe.epochs):
            self.renew(state, trainer.evaluate(networks).probabilities, view, trainer)

    def renew(self, state: Division, probabilities: ProbabilityArray, view: NoisyView, trainer: Trainer) -> None:
        """Split by what each network says of the training set, (N, 2, C)."""
        import torch

        losses = label_losses(probabilities, view.train.noisy_labels)
        right = [fit_two_components(of_network, "gaussian").low_posterior for of_network in losses.T]
        state.right = torch.from_numpy(np.stack(right)).float().to(trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the cross-entropy in the warm-up, then the sum of both networks'
        losses.
        """
        if batch.state.right is not None:
            return self.divided_losses(batch).sum()
        negative_entropy = (batch.probabilities * batch.log_probabilities).sum(-1)
        return (batch.losses + self.confidence_penalty * negative_entropy).mean(1).sum()

    def divided_losses(self, batch: TrainBatch) -> Tensor:
        """Give the loss of each network on both passes of the batch, (2,)."""
        import torch

        from methods.shared.mixing import Mixing

        views = batch.embeddings, batch.only(torch.arange(len(batch.rows), device=batch.rows.device)).embeddings
        with torch.no_grad():
            guesses = torch.stack([batch.classify(view).softmax(-1) for view in views])
        trusted = batch.state.right.flip(0)[:, batch.rows].to(guesses.dtype)
        targets = self.targets(guesses, trusted, batch.noisy_labels).repeat(1, 2, 1)
        labelled = (trusted > self.threshold).repeat(1, 2)
        embeddings = torch.cat(views, dim=1)
        drawn = (batch.state.draws, embeddings.shape[1], self.mixing_shape, embeddings.device)
        mixings = [Mixing.drawn(*drawn) for _ in batch.networks]
        logits = batch.classify(mixed(mixings, embeddings))
        weight = self.unlabelled_weight * min(1.0, max(0.0, (batch.progress - batch.state.begins) / self.ramp))
        return semi_supervised_losses(logits, mixed(mixings, targets), labelled, weight, batch.state.prior)

    def targets(self, guesses: Tensor, trusted: Tensor, noisy_labels: Tensor) -> Tensor:
        """Give the sharpened targets of each network, (2, B, C).

        `guesses` are (passes, 2, B, C), `trusted` is w (2, B) of the other network.
        """
        import torch
        from torch.nn.functional import one_hot

        from methods.shared.mixing import sharpen

        weight, given = trusted.unsqueeze(-1), one_hot(noisy_labels, guesses.shape[-1])
        refined = weight * given + (1 - weight) * guesses.mean(0)
        return sharpen(torch.where(weight > self.threshold, refined, guesses.mean((0, 1))), self.temperature)

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Division
    ) -> TrainingDiagnostics:
        """Give P(label wrong), the mean over the networks, as suspicion.

        A label that is not believed is corrected to the prediction.
        """
        if state.right is None:
            return super().findings(view, trainer, networks, state)
        probabilities = trainer.evaluate(networks).probabilities
        right = state.right.mean(0).double().cpu().numpy()
        predicted = probabilities.mean(1).argmax(1)
        return TrainingDiagnostics(
            train_probabilities=probabilities,
            suspicion=1.0 - right,
            corrected_labels=np.where(right > self.threshold, view.train.noisy_labels, predicted),
        )


def mixed(mixings: list[Mixing], rows: Tensor) -> Tensor:
    """Give each network's rows (2, B, D), mixed by its own share and partners."""
    import torch

    return torch.stack([mixing(of_network) for mixing, of_network in zip(mixings, rows, strict=True)])


def semi_supervised_losses(logits: Tensor, targets: Tensor, labelled: Tensor, weight: float, prior: Tensor) -> Tensor:
    """Give L_x + `weight` · L_u + KL(π || p̄) of each network, (2,).

    `logits` and `targets` are (2, B, C), `labelled` is bool (2, B). A part without rows
    counts 0.
    """
    import torch

    from methods.shared.losses import soft_cross_entropy
    from methods.shared.views import collapse

    probabilities, believed = logits.softmax(-1), labelled.to(logits.dtype)
    cross_entropy = (believed * soft_cross_entropy(logits, targets)).sum(1) / believed.sum(1).clamp_min(1)
    squared = (1 - believed) * (probabilities - targets).square().mean(-1)
    spread = torch.stack([collapse(of_network, prior) for of_network in probabilities])
    return cross_entropy + weight * squared.sum(1) / (1 - believed).sum(1).clamp_min(1) + spread
