"""TURN: probe a frozen encoder, believe the labels of low loss, fine-tune on as many of
each class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from benchmark.contracts import (
    GradientMethod,
    LabelArray,
    Network,
    NoisyView,
    Point,
    Trainer,
    TrainingDiagnostics,
    Within,
    above,
    register,
)
from benchmark.contracts.arrays import FloatArray
from methods.shared.mixtures import fit_two_components, label_losses

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


PROBING_BATCH = 64
FEWEST_STEPS = 500
"""A probe of few texts takes more epochs, until it has as many steps."""

SMALLEST_POOL = 20
"""No class contributes fewer examples, as far as it has them."""

SMALLEST_CLASS = 10
"""A class with fewer examples is split by the mixture of all losses."""


def probability_right(losses: FloatArray, labels: LabelArray, num_classes: int, by_class: bool) -> FloatArray:
    """Give the posterior of the low component of a Gaussian mixture on the losses,
    (N,).

    The mixture is that of all losses, or one of each class.
    """
    right = fit_two_components(losses, "gaussian").low_posterior
    for k in range(num_classes if by_class else 0):
        of_class = labels == k
        if of_class.sum() >= SMALLEST_CLASS:
            right[of_class] = fit_two_components(losses[of_class], "gaussian").low_posterior
    return right


def clean_pools(right: FloatArray, labels: LabelArray, num_classes: int, threshold: float) -> list[LabelArray]:
    """Give the rows of each class whose posterior exceeds the threshold.

    A class with fewer than 20 of them is filled up by the highest posterior. A class
    without any row has no pool.
    """
    pools = []
    for k in range(num_classes):
        rows = np.flatnonzero(labels == k)
        likeliest = rows[np.argsort(-right[rows], kind="stable")]
        pools.append(likeliest[: max(SMALLEST_POOL, int((right[rows] > threshold).sum()))])
    return [pool for pool in pools if len(pool)]


@register
class TuneRobustly(GradientMethod):
    """A linear probe tells clean labels from wrong ones; then all weights are tuned on
    a balanced part of the clean ones.

    Step 1: with the encoder frozen, the classifier learns from (1 - p_ỹ^q) / q over 20
    epochs and 500 steps at least. The embeddings are computed once.
    Step 2: in each class a Gaussian mixture of two components is fitted to the losses
    -log p_ỹ(x_i) of the probe. Clean are the examples whose posterior of the low
    component exceeds 0.9. Every class contributes n = min_k |clean_k|, drawn anew
    before each epoch, and L = mean CE(p, ỹ) tunes the whole network, which starts from
    the probe.

    Ahn et al., IJCAI 2024, arXiv:2310.17668. No code of the authors is known. q = 0.7
    and the threshold of 0.9 are the values of a published port. `mixture=all` and
    `balance=False` are that port's other forms. Over a frozen encoder the probe is the
    last layer over the head's hidden layer, as it is initialised, and fine-tuning
    trains both.

    Under imbalance n is the size of the rarest class, and most of the data is unused in
    an epoch. A training then has n · C / N of the usual steps. Under clean labels the
    selection leaves out the hard examples too, and both together cost accuracy.
    """

    name = "turn"
    family = "sample selection"
    citation = """@inproceedings{ahn2024turn,
  title = {Fine Tuning Pre Trained Models for Robustness Under Noisy Labels},
  author = {Ahn, Sumyeong and Kim, Sihyeon and Ko, Jongwoo and Yun, Se-Young},
  booktitle = {Proceedings of IJCAI}, year = {2024}}"""
    departures = (
        "The losses of the mixture are cross-entropy; the port takes the generalised one, which is bounded, so that "
        "large losses pile up at 1/q.",
        "The examples are drawn anew before each epoch, so that more of the clean ones are seen; the port keeps the "
        "first ones of each class.",
        "A class has at least 20 examples, filled up by the highest posterior, and a class of fewer than ten is split "
        "by the mixture of all: a class that lost everything would end the others.",
        "Losses are taken in the order of the data set; the port takes them from a shuffled pass and uses their places "
        "as row numbers.",
        "Fine-tuning follows the recipe of the encoder, epochs included.",
    )

    q: Annotated[float, Within(0, 1, "(]")] = 0.7
    threshold: Annotated[float, Within(0, 1, "[)")] = 0.9
    mixture: Literal["class", "all"] = "class"
    balance: bool = True
    probing_epochs: Annotated[int, Within(1, 1_000)] = 20
    probing_rate: Annotated[float, above(0)] = 1e-3

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Probe, select and fine-tune, a point at each of the recipe's fractions."""
        networks, labels = trainer.networks(1), view.train.noisy_labels
        probed = self.probe(networks[0], view, trainer)
        losses = label_losses(probed, labels)
        right = probability_right(losses, labels, view.num_classes, self.mixture == "class")
        pools = clean_pools(right, labels, view.num_classes, self.threshold)
        draws = trainer.generator("balanced set")
        rows = self.drawn(pools, draws)

        def before_epoch(epoch: int) -> None:
            rows[:] = self.drawn(pools, draws)

        yield from trainer.train(
            networks,
            self.loss,
            rows=rows,
            before_epoch=before_epoch,
            findings=lambda: self.found(right, view, trainer, networks),
        )

    def probe(self, network: Network, view: NoisyView, trainer: Trainer) -> FloatArray:
        """Train the classifier on fixed embeddings, and give its probabilities of the
        training texts, (N, C).
        """
        import torch

        seen = trainer.evaluate([network], embedding=True).embedding
        if seen is None:
            raise ValueError("the trainer gave no embeddings")
        embeddings = torch.from_numpy(seen[:, 0]).float().to(trainer.device)
        labels = torch.from_numpy(view.train.noisy_labels.copy()).to(trainer.device)
        # Weights of the encoder get no gradient from fixed embeddings, so that the optimiser passes them over.
        optimiser = torch.optim.AdamW(network.parameters(), lr=self.probing_rate)
        draws, stream = trainer.generator("batches of the probe"), trainer.stream("dropout of the probe")
        starts = range(0, len(labels), PROBING_BATCH)
        with trainer.phase("train"), stream():
            for _ in range(max(self.probing_epochs, -(-FEWEST_STEPS // len(starts)))):
                trainer.check_time()
                shuffled = torch.from_numpy(draws.permutation(len(labels))).to(trainer.device, non_blocking=True)
                for rows in (shuffled[start : start + PROBING_BATCH] for start in starts):
                    p = network.classify(embeddings[rows]).softmax(-1)
                    given = p.gather(-1, labels[rows, None]).clamp_min(1e-7)
                    optimiser.zero_grad(set_to_none=True)
                    ((1 - given**self.q) / self.q).mean().backward()  # type: ignore[no-untyped-call]
                    optimiser.step()
        network.eval()
        with torch.no_grad():
            probabilities = network.classify(embeddings).softmax(-1).double().cpu().numpy()
        network.train()
        return np.asarray(probabilities)

    def drawn(self, pools: list[LabelArray], draws: np.random.Generator) -> LabelArray:
        """Give as many rows of each pool as the smallest has, or all of every pool."""
        smallest = min(len(pool) for pool in pools)
        chosen = [draws.choice(pool, smallest, replace=False) if self.balance else pool for pool in pools]
        return np.concatenate(chosen)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy."""
        return batch.losses.mean()

    def found(
        self, right: FloatArray, view: NoisyView, trainer: Trainer, networks: list[Network]
    ) -> TrainingDiagnostics:
        """Give the posterior of the high component as suspicion."""
        return replace(self.findings(view, trainer, networks, None), suspicion=1.0 - right)
