"""Attribution pruning: distrust labels by what units add to their logits, prune the
units that distrusted labels excite, and tune the rest on the other labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from benchmark.contracts import (
    Encoded,
    GradientMethod,
    Network,
    NoisyView,
    Point,
    Trainer,
    TrainingDiagnostics,
    Within,
    at_least,
    register,
)
from benchmark.contracts.arrays import FloatArray
from methods.attribution_prune.units import (
    believed,
    label_attributions,
    probability_right,
    released_attributions,
    sensitivities,
    standardised,
)
from methods.shared.epochs import whole_epochs
from methods.shared.mixtures import label_losses

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch

MANY_CLASSES = 20
"""From so many classes on the warm-up is twice as long."""


class Prunable:
    """A network whose pruned units give 0 in every pass; `kept` is float32 (H,), or
    None before any is pruned.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.kept: Tensor | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def embed(self, encoded: Encoded) -> Tensor:
        """Give the embeddings (B, H) with 0 for each pruned unit."""
        embedding: Tensor = self.network.embed(encoded)
        return embedding if self.kept is None else embedding * self.kept

    def weights(self, units: int) -> FloatArray:
        """Give the weights of the classifier, (C, H), from the logits of each unit."""
        import torch

        parameter = next(iter(self.network.parameters()))
        single = torch.eye(units, dtype=parameter.dtype, device=parameter.device)
        self.network.eval()
        with torch.no_grad():
            found = self.network.classify(single) - self.network.classify(torch.zeros_like(single))
        self.network.train()
        return np.asarray(found.T.double().cpu().numpy())


@dataclass
class Partition:
    """P(label right) of each example, float64 (N,), and who is believed, bool (N,);
    None during the warm-up.
    """

    right: FloatArray | None = None
    believed: Tensor | None = None


@register
class AttributionPrune(GradientMethod):
    """After a warm-up of cross-entropy, attributions part the examples of each class in
    two, units that excite the distrusted part are pruned, and L = CE over the others.

    Attribution: a_ih = W_ỹh h_ih, what unit h adds to the logit of the given label.
    Partition: in each class two Gaussians are fitted to principal directions of a_i,
    from the halves of lower and higher loss on.
    Blind rule: the component with the higher mean loss holds the wrong labels, unless
    the means lie less than half a deviation apart, a component has fewer than five
    examples, or more than 0.6 would be wrong. Then all are right.
    Pruning: P(wrong) is regressed by ridge on h, centred within its class. The `prune`
    share of units with the largest weights gives 0 from then on.
    Believed are those with P(right) >= 1/2, and the likelier half of each class.

    Inspired by RLAP, Jin et al., arXiv:2506.11615, and no reproduction of it. The
    attribution of the label, the partition and the blind rule are ours. The warm-up is
    a tenth of the epochs, rounded up, and twice that for 20 classes or more.

    Attributions part a class by what its texts are about as much as by who is wrong.
    `partition=loss` parts by losses, on which the blind rule rests anyway: of labels of
    TREC that are flipped at random it finds far more and ends far higher. `prune=none`
    prunes nothing and ends as high. Under clean labels the method loses, since hard
    examples have high losses, too.
    """

    name = "attribution_prune"
    family = "sample selection"
    citation = """@article{jin2025unlearning,
  title = {Machine Unlearning for Robust {DNNs}: Attribution-Guided Partitioning and Neuron Pruning in Noisy
           Environments},
  author = {Jin, Deliang and Chen, Gang and Feng, Shuo and Ling, Yufeng and Zhu, Haoran},
  journal = {Machine Learning and Knowledge Extraction}, volume = {7}, number = {3}, year = {2025}}"""
    departures = (
        "Attributions are those of the given label; the authors' are |max_c W_ch h|, each unit standardised, which is "
        "its standardised activation and sees no label (`partition=released`).",
        "Attributions are centred and keep their sizes, since a scale for each unit would cancel its weight within a "
        "class.",
        "The blind rule chooses the component of wrong labels; the authors' code looks at which examples were "
        "attacked, in a comparison that always keeps the same component.",
        "Each class is parted by itself, with diagonal covariances, from its losses on; the authors part all examples "
        "at once, from k-means on, whose components follow the classes.",
        "The regression is of the example's own component, by ridge within classes; the authors' code takes the "
        "component of another row and no penalty (`penalty=0`).",
        "A pruned unit of the embedding gives 0 to the end; the authors' code leaves its bias, and fine-tuning fills "
        "its weights again.",
        "A twentieth of the units is pruned; the authors prune 16 to 31 in a hundred of a hidden layer.",
        "The recipe goes on with the believed examples of its batches; the authors fine-tune with another optimiser.",
    )

    partition: Literal["attribution", "released", "loss"] = "attribution"
    prune: Annotated[float | None, Within(0, 1, "()")] = 0.05
    penalty: Annotated[float | None, at_least(0)] = None
    warmup: Annotated[float, Within(0, "last_epoch", "(]")] = 0.1

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Train by the recipe; part and prune once, after the warm-up."""
        network, partition = Prunable(trainer.networks(1)[0]), Partition()
        epochs = trainer.recipe.epochs
        warmup = whole_epochs(self.warmup, epochs) * (2 if view.num_classes >= MANY_CLASSES else 1)
        first = min(warmup, epochs - 1)

        def before_epoch(epoch: int) -> None:
            if epoch == first:
                self.part_and_prune(network, partition, view, trainer)

        yield from trainer.train(
            [network],
            self.loss,
            state=partition,
            before_epoch=before_epoch,
            findings=lambda: self.findings(view, trainer, [network], partition),
        )

    def part_and_prune(self, network: Prunable, partition: Partition, view: NoisyView, trainer: Trainer) -> None:
        """Find who is believed and which units are kept."""
        import torch

        labels = view.train.noisy_labels
        seen = trainer.evaluate([network], embedding=True)
        if seen.embedding is None:
            raise ValueError("the trainer gave no embeddings")
        embeddings = seen.embedding[:, 0].astype(np.float64)
        losses = label_losses(seen.probabilities[:, 0], labels)
        with trainer.phase("partition"):
            if self.partition == "loss":
                features = losses[:, None]
            elif self.partition == "released":
                features = standardised(released_attributions(embeddings, network.weights(embeddings.shape[1])))
            else:
                features = label_attributions(embeddings, network.weights(embeddings.shape[1]), labels)
            right = probability_right(features, losses, labels)
            # Where every group is taken for right there is nothing that a unit could tell.
            if self.prune is not None and right.min() < right.max():
                found = sensitivities(embeddings, 1.0 - right, labels, self.penalty)
                pruned = np.argsort(-found, kind="stable")[: max(1, round(self.prune * len(found)))]
                kept = torch.ones(len(found))
                kept[torch.from_numpy(pruned)] = 0.0
                network.kept = kept.to(trainer.device)
        partition.right = right
        partition.believed = torch.from_numpy(believed(right, labels)).to(trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy, over believed examples after the warm-up."""
        if batch.state.believed is None:
            return batch.losses.mean()
        chosen = batch.state.believed[batch.rows]
        total: Tensor = (batch.losses[0] * chosen).sum() / chosen.sum().clamp_min(1)
        return total

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Partition
    ) -> TrainingDiagnostics:
        """Give P(wrong) as suspicion, once there is a partition."""
        found = super().findings(view, trainer, networks, state)
        return found if state.right is None else replace(found, suspicion=1.0 - state.right)
