"""Labels from nearest neighbours, then plain training on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import GradientMethod, Network, NoisyView, Trainer, TrainingDiagnostics, Within, register
from benchmark.contracts.arrays import at_labels

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class NeighbourRelabelling(GradientMethod):
    """CE(p, y'), y'_i the class with most votes among the k nearest neighbours of text
    i in the frozen encoder.

    Distances are Euclidean, and votes are weighted by their inverse. No text is its own
    neighbour, so the given label of a text itself has no say. This is the control for
    methods whose prior comes from neighbours (DyGen, NPC): k = 10 and the weights are
    theirs. Suspicion is the share of votes against the given label.

    The labels are as good as the encoder's neighbourhoods. Frozen MiniLM sorts
    questions by what they are about and not by what kind of answer they ask for, so
    that on TREC many right labels are lost.
    """

    name = "knn_relabel"
    family = "control"

    neighbours: Annotated[int, Within(1, "other_train_rows")] = 10

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """Give the votes as shares of classes, float32 (N, C)."""
        import torch

        from methods.shared.neighbours.nearest import nearest, weighted_votes

        embeddings = torch.from_numpy(trainer.frozen_embeddings()).to(trainer.device)
        labels = torch.from_numpy(view.train.noisy_labels).to(trainer.device)
        with trainer.phase("neighbours"):
            own = torch.arange(len(labels), device=trainer.device)
            distances, positions = nearest(embeddings, embeddings, self.neighbours, own)
            return weighted_votes(distances, labels[positions], view.num_classes)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy with the neighbours' labels."""
        from benchmark.contracts.batch import label_losses

        return label_losses(batch.log_probabilities, batch.state[batch.rows].argmax(-1)).mean()

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Tensor
    ) -> TrainingDiagnostics:
        """Give the neighbours' labels, and the share of votes against the given one."""
        votes = state.cpu().numpy()
        return TrainingDiagnostics(
            train_probabilities=trainer.evaluate(networks).probabilities,
            corrected_labels=votes.argmax(axis=1),
            suspicion=1.0 - at_labels(votes, view.train.noisy_labels),
        )
