"""SiDyP: dynamic priors from neighbours, refined by a diffusion of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import numpy as np

from benchmark.contracts import (
    BySecondModel,
    NoisyView,
    OutputHistory,
    Point,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
    UsesNoiseRate,
    Within,
    above,
    at_least,
    register,
)
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.trainer import Recipe, SharedTraining
from methods.shared.co_regularised import CoRegularised
from methods.shared.second_stage import second_stage

if TYPE_CHECKING:
    from torch import Tensor

    from methods.sidyp.model import DiffusionModel
    from methods.sidyp.training import DiffusionSettings


@register
class SiDyP(UsesNoiseRate):
    """Networks give trajectories and candidate labels; a diffusion model over labels
    chooses among the candidates and corrects predictions.

    Stage one: that of DyGen, M = 2 networks trained to agree. The trajectory w(x) joins
    the embeddings at the ends of epochs. The top ρ share of dynamics scores is marked.
    Prior: votes of the ten nearest unmarked neighbours. A class with 0.9 of them is
    certain. Else the two with most are candidates if they have 0.8, else all with
    votes.
    Stage two: a denoiser predicts the label y from √ᾱ_t s(y) + √(1 - ᾱ_t) K ε, the step
    t, w(x) and the noisy label, by cross-entropy. s(y) = 2K e_y - K. In the first fifth
    it learns from certain texts. Then y of an uncertain text is drawn by its weights.
    Refinement: before each batch, S times, the reverse process predicts ŷ of uncertain
    texts. Where ŷ is a candidate, w_ŷ ← (w_ŷ + (1 - w_ŷ)/S) / (1 + (1 - w_ŷ)/S), and
    the others are divided alike. λ2 = 2 weighs the disagreement of the branches.
    Inference: p(y | x) = 1/M Σ_m Σ_k p^m(k | x) p^m(y | x, k), by the reverse process.

    Ye et al., KDD 2025, arXiv:2505.19675.
    """

    name = "sidyp"
    family = "generative"
    networks = 2
    predicts_from = "trajectory"
    citation = """@inproceedings{ye2025sidyp,
  title = {Calibrating Pre-trained Language Classifiers on LLM-generated Noisy Labels via Iterative Refinement},
  author = {Ye, Liqin and Shah, Agam and Zhang, Chao and Chava, Sudheer},
  booktitle = {Proceedings of KDD}, year = {2025}}"""
    departures = (
        "Each round of the refinement has draws of its own; the authors' code seeds them anew, so that all rounds "
        "are one and `rounds` is without effect.",
        "The loss is a mean in which each target counts 1; the authors' code sums, and weighs targets that it drew by "
        "their weight once more.",
        "λ2 counts from the first epoch with refinement; the authors' code switches it on one epoch later.",
        "The steps of the reverse process are numbered as in training; the authors' code numbers them 0 to 9, so that "
        "noise is shown as nearly clean.",
        "Inference takes the denoiser's last logits; the authors' code takes softmax of the last simplex.",
        "Stage one has two networks that agree, as DyGen's here, whose training it shares; the authors train three, "
        "and their code sets the weight of the agreement to 0.",
        "The neighbours are near in the network's own embedding and a text is not its own neighbour; the authors take "
        "another model's embeddings, and certain texts get their own label back.",
        "The rate is estimated; the authors give it. Centroids see training texts alone; theirs see test labels.",
        "Batches are shuffled, every branch is clipped, and the trajectory is projected to 256 units.",
    )

    agreement: Annotated[float, at_least(0)] = 5.0
    neighbours: Annotated[int, Within(1, "train_rows")] = 10
    certain: Annotated[float, Within(0, 1)] = 0.9
    dominant: Annotated[float, Within(0, 1)] = 0.8
    epochs: Annotated[int, Within(1, 10_000)] = 10
    batch_size: Annotated[int, Within(2, 100_000)] = 128
    learning_rate: Annotated[float, above(0)] = 1e-3
    warmup: Annotated[float, Within(0, 1, "[)")] = 0.2
    stage_two_agreement: Annotated[float, at_least(0)] = 2.0
    rounds: Annotated[int, Within(0, 100)] = 4
    scale: Annotated[float, above(0)] = 5.0
    steps: Annotated[int, Within(100, 10_000)] = 500
    reverse_steps: Annotated[int, Within(1, 100)] = 10
    width: Annotated[int, Within(1, 10_000)] = 256

    def shared_training(self, recipe: Recipe) -> SharedTraining:
        """Give stage one, which is that of DyGen and CR."""
        return SharedTraining(CoRegularised(2, self.agreement, 0.1), at="epochs", every_train_output=True)

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Yield stage one's points, not selectable, then a point after each epoch of
        stage two.
        """
        import torch

        from methods.sidyp.training import Refinement, train_diffusion

        seen = []
        for point, look in trainer.shared(self.shared_training(trainer.recipe)):
            seen.append(look("train"))
            yield point
        labels = torch.from_numpy(view.train.noisy_labels).to(trainer.device)
        with trainer.phase("dynamics and prior"):
            scores, weights, uncertain = self.priors(view, seen, labels)
        training = train_diffusion(
            seen,
            Refinement(weights, uncertain, labels),
            self.settings(),
            trainer.generator("stage two"),
            trainer.stream("stage two"),
            trainer.check_time,
        )

        def find(model: DiffusionModel) -> TrainingDiagnostics:
            corrected = weights.mean(0).argmax(1).cpu().numpy()
            return TrainingDiagnostics(denoised(model, seen), corrected, suspicion=scores.mean(axis=0))

        yield from second_stage(trainer, "stage two", training, denoised, find)

    @property
    def can_be_kept(self) -> bool:
        """Whether networks and tensors predict for new texts: they always do."""
        return True

    def second_model(self, tensors: Mapping[str, Tensor]) -> BySecondModel[DiffusionModel]:
        """Make the diffusion model's prediction again from its tensors."""
        from methods.sidyp.model import DiffusionModel

        return BySecondModel(denoised, DiffusionModel.of_tensors(tensors, self.scale))

    def priors(self, view: NoisyView, seen: OutputHistory, labels: Tensor) -> tuple[FloatArray, Tensor, Tensor]:
        """Give the dynamics scores (M, N), the candidates' weights (M, N, C) and who is
        uncertain, bool (M, N).
        """
        import torch

        from methods.dygen.dynamics import dynamics_score, mark_suspects, trajectory_distances
        from methods.shared.generative.trajectories import embedding_of
        from methods.shared.neighbours.prior import neighbour_votes
        from methods.sidyp.prior import dynamic_prior

        scores, found = [], []
        for m in range(self.networks):
            points = [embedding_of(outputs)[:, m] for outputs in seen]
            distances = trajectory_distances(points, view.train.noisy_labels, view.num_classes)
            scores.append(dynamics_score(distances))
            marked = torch.from_numpy(mark_suspects(scores[-1], self.noise_rate(view))).to(labels.device)
            last = torch.from_numpy(points[-1]).float().to(labels.device)
            votes = neighbour_votes(last, labels, marked, view.num_classes, self.neighbours)
            found.append(dynamic_prior(votes, self.certain, self.dominant))
        return np.stack(scores), torch.stack([w for w, _ in found]), torch.stack([u for _, u in found])

    def settings(self) -> DiffusionSettings:
        """Give the parameters of the second stage."""
        from methods.sidyp.training import DiffusionSettings

        return DiffusionSettings(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            warmup=self.warmup,
            agreement=self.stage_two_agreement,
            rounds=self.rounds,
            scale=self.scale,
            steps=self.steps,
            reverse_steps=self.reverse_steps,
            width=self.width,
        )


def denoised(model: DiffusionModel, outputs: OutputHistory) -> ProbabilityArray:
    """Give the corrected probabilities, (N, M, C), from all outputs of stage one."""
    return model.predict(outputs, outputs[-1].probabilities)
