"""Noisy prediction calibration of any trained classifier: from its prediction and
embedding to the true label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from benchmark.contracts import (
    BySecondModel,
    Method,
    NoisyView,
    OutputHistory,
    Outputs,
    Point,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
    Within,
    above,
    at_least,
)
from methods.shared.second_stage import second_stage

if TYPE_CHECKING:
    from torch import Tensor

    from methods.shared.generative.model import GenerativeModel, GenerativeSettings


@dataclass(frozen=True, repr=False)
class Calibration(Method):
    """A post-processor of networks trained on noisy labels.

    A subclass says how those are trained.
    """

    family: ClassVar[str] = "generative"
    predicts_from: ClassVar[Literal["current_probabilities", "final_embeddings", "trajectory"]] = "final_embeddings"

    neighbours: Annotated[int, Within(1, "train_rows")] = 10
    prior_strength: Annotated[float, at_least(0)] = 5.0
    epochs: Annotated[int, Within(1, 10_000)] = 10
    batch_size: Annotated[int, Within(1, "train_rows")] = 32
    learning_rate: Annotated[float, above(0)] = 1e-3
    divergence: Literal["dirichlet", "gamma"] = "dirichlet"
    likelihood: Literal["bernoulli", "categorical"] = "bernoulli"
    latent: Literal["dirichlet", "approximate"] = "dirichlet"

    def classifier(self, trainer: Trainer) -> Iterator[tuple[Point, Outputs | None]]:
        """Yield the first training's points, the last with the outputs of the training
        texts.
        """
        raise TypeError(f"Method '{self.name}' does not say how its classifier is trained.")

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Train the classifier, and yield a point after each epoch of the generative
        model.
        """
        seen: Outputs | None = None
        for point, outputs in self.classifier(trainer):
            seen = outputs
            yield point
        if seen is None:
            raise ValueError("the classifier's training ended without outputs of the training texts")
        yield from self.calibrate(trainer, one_network(seen))

    def calibrate(self, trainer: Trainer, seen: Outputs) -> Iterator[Point]:
        """Yield a point after each epoch of q(y | x, ŷ) = Dir(α(x, ŷ)), fitted on the
        training texts.
        """
        import torch

        from methods.shared.generative.model import train_generative
        from methods.shared.generative.trajectories import embedding_of
        from methods.shared.neighbours.prediction_bank import most_confident_votes
        from methods.shared.neighbours.prior import concentration

        probabilities = torch.from_numpy(seen.probabilities[:, 0]).to(trainer.device)
        embedding = torch.from_numpy(embedding_of(seen)[:, 0]).float().to(trainer.device)
        order = torch.from_numpy(trainer.generator("bank").permutation(len(probabilities))).to(trainer.device)
        predicted = probabilities.argmax(1)
        with trainer.phase("prior"):
            votes = most_confident_votes(embedding, probabilities, order, self.batch_size, self.neighbours)
            prior = concentration(votes.argmax(1), trainer.num_classes, self.prior_strength)
        training = train_generative(
            [seen],
            predicted.unsqueeze(0),
            prior.unsqueeze(0),
            self.settings(),
            trainer.generator("calibration"),
            trainer.stream("calibration"),
            trainer.check_time,
        )

        def find(model: GenerativeModel) -> TrainingDiagnostics:
            return TrainingDiagnostics(train_probabilities=model.predict([seen], seen.probabilities))

        yield from second_stage(trainer, "calibration", training, calibrated, find)

    @property
    def can_be_kept(self) -> bool:
        """Whether networks and tensors predict for new texts: they always do."""
        return True

    def second_model(self, tensors: Mapping[str, Tensor]) -> BySecondModel[GenerativeModel]:
        """Make the calibration again from its model's tensors."""
        from methods.shared.generative.model import GenerativeModel

        return BySecondModel(calibrated, GenerativeModel.of_tensors(tensors))

    def settings(self) -> GenerativeSettings:
        """Give the parameters of the generative model."""
        from methods.shared.generative.model import GenerativeSettings

        return GenerativeSettings(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            divergence=self.divergence,
            likelihood=self.likelihood,
            latent=self.latent,
        )


def calibrated(model: GenerativeModel, outputs: OutputHistory) -> ProbabilityArray:
    """Give the corrected probabilities, (N, 1, C), from the networks' last outputs."""
    last = one_network(outputs[-1])
    return model.predict([last], last.probabilities)


def one_network(outputs: Outputs) -> Outputs:
    """Give the mean prediction beside the last network's embedding, (N, 1, ·)."""
    embedding = None if outputs.embedding is None else outputs.embedding[:, -1:]
    return Outputs(outputs.probabilities.mean(axis=1, keepdims=True), embedding)


CITATION = """@inproceedings{bae2022npc,
  title = {From Noisy Prediction to True Label: Noisy Prediction Calibration via Generative Model},
  author = {Bae, HeeSun and Shin, Seungjae and Na, Byeonghu and Jang, JoonHo and Song, Kyungwoo and Moon, Il-Chul},
  booktitle = {International Conference on Machine Learning}, year = {2022}}"""

DEPARTURES = (
    "The encoder and decoder read the classifier's embedding, standardised, which stays fixed; the authors' read the "
    "logits of a feature extractor of their own, which goes on training.",
    "The latent is a true reparameterised Dirichlet sample and the divergence is between Dirichlets; the authors' code "
    "samples by a small-shape approximation and compares independent Gammas (`latent=approximate,divergence=gamma`).",
    "The concentration is kept within [1 + 1e-4, 1e4], and all runs in full precision.",
    "Batches hold 32 texts, of the bank and of the calibration, so that some hundred texts still give some hundred "
    "steps; theirs hold 128 of 50,000 images. Those of the bank are drawn once; theirs follow the loader.",
)
