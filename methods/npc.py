"""Noisy prediction calibration: a generative model of how a trained classifier's predictions differ from the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from benchmark.contracts import Findings, Kit, Method, NoisyView, Outputs, Point, ProbabilityArray, Seen, register

if TYPE_CHECKING:
    from methods.engine.generative import GenerativeModel, GenerativeSettings


@dataclass(frozen=True, repr=False)
class Calibration(Method):
    """A post-processor of networks trained on noisy labels; a subclass says how those are trained."""

    family: ClassVar[str] = "generative"
    reads: ClassVar[Literal["latest", "last", "all"]] = "last"

    neighbours: int = 10
    prior_strength: float = 5.0
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    divergence: Literal["dirichlet", "gamma"] = "dirichlet"
    likelihood: Literal["bernoulli", "categorical"] = "bernoulli"
    latent: Literal["dirichlet", "approximate"] = "dirichlet"

    def classifier(self, kit: Kit) -> Iterator[tuple[Point, Outputs | None]]:
        """The first training's points, the last with the outputs of the training texts."""
        raise TypeError(f"Method '{self.name}' does not say how its classifier is trained.")

    def fit(self, view: NoisyView, kit: Kit) -> Iterator[Point]:
        """Train the classifier, then a point after each epoch of the generative model."""
        seen: Outputs | None = None
        for point, outputs in self.classifier(kit):
            seen = outputs
            yield point
        if seen is None:
            raise ValueError("the classifier's training ended without outputs of the training texts")
        yield from self.calibrate(kit, one_network(seen))

    def calibrate(self, kit: Kit, seen: Outputs) -> Iterator[Point]:
        """A point after each epoch of q(y | x, ŷ) = Dir(α(x, ŷ)), fitted on the training texts."""
        import torch

        from methods.engine.generative import embedding_of, train_generative
        from methods.engine.neighbour_prior import concentration
        from methods.engine.prediction_bank import most_confident_votes

        probabilities = torch.from_numpy(seen.probabilities[:, 0]).to(kit.device)
        embedding = torch.from_numpy(embedding_of(seen)[:, 0]).float().to(kit.device)
        order = torch.from_numpy(kit.generator("bank").permutation(len(probabilities))).to(kit.device)
        predicted = probabilities.argmax(1)
        with kit.phase("prior"):
            votes = most_confident_votes(embedding, probabilities, order, self.batch_size, self.neighbours)
            prior = concentration(votes.argmax(1), kit.num_classes, self.prior_strength)
        training = train_generative(
            [seen],
            predicted.unsqueeze(0),
            prior.unsqueeze(0),
            self.settings(),
            kit.generator("calibration"),
            kit.stream("calibration"),
            kit.check_time,
        )
        while True:
            with kit.phase("calibration"):
                trained = next(training, None)
            if trained is None:
                return
            fraction, model = trained

            def predict(outputs: Seen, model: GenerativeModel = model) -> ProbabilityArray:
                last = one_network(outputs[-1])
                return model.predict([last], last.probabilities)

            def find(model: GenerativeModel = model) -> Findings:
                return Findings(train_probabilities=model.predict([seen], seen.probabilities))

            yield Point(fraction=fraction, predict=predict, findings=find, stage=2)

    def settings(self) -> GenerativeSettings:
        """The generative model's parameters."""
        from methods.engine.generative import GenerativeSettings

        return GenerativeSettings(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            divergence=self.divergence,
            likelihood=self.likelihood,
            latent=self.latent,
        )


def one_network(outputs: Outputs) -> Outputs:
    """The mean prediction beside the last network's embedding, (N, 1, ·)."""
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


@register
class NoisyPredictionCalibration(Calibration):
    """Corrects a classifier trained by cross-entropy: from its prediction ŷ and embedding to the true label.

    Prior: Dir(1 + 1/C + δ e_c), c the class of the ten nearest texts of a bank, which keeps of each batch the most
    confident text of each predicted class, under that prediction.
    Model: q(y | x, ŷ) = Dir(α(x, ŷ)) and p(ŷ | x, y), one linear layer each, fitted by the evidence bound.
    Inference: p(y | x) = Σ_k p(ŷ = k | x) · mode(α(x, e_k))_y.

    Bae et al., ICML 2022, arXiv:2205.00690. Text adaptation: x is the embedding of the trained classifier.
    """

    name = "npc"
    citation = CITATION
    departures = DEPARTURES

    def classifier(self, kit: Kit) -> Iterator[tuple[Point, Outputs | None]]:
        """One network, trained by cross-entropy."""
        networks = kit.networks(1)
        for point in kit.train(networks, lambda batch: batch.losses.mean(), selectable=False):
            yield point, kit.evaluate(networks, embedding=True) if point.fraction >= 1.0 else None


@register
class CoRegularisedCalibration(Calibration):
    """Noisy prediction calibration of two networks trained to agree: DyGen without its dynamics.

    ŷ is the arg max of the networks' mean prediction, x the last network's embedding; else as `npc`, after `cr`.
    The comparison of Zhuang et al., KDD 2023, arXiv:2305.19395, after Bae et al., ICML 2022, arXiv:2205.00690.
    """

    name = "cr_npc"
    networks = 2
    shares_training = True
    citation = CITATION
    departures = (*DEPARTURES, "One calibration, of the mean prediction and the last network's embedding.")

    agreement: float = 5.0
    warmup: float = 0.1

    def classifier(self, kit: Kit) -> Iterator[tuple[Point, Outputs | None]]:
        """Two networks, trained to agree."""
        from methods.engine.stages import CoRegularised

        stage: Any = CoRegularised(self.networks, self.agreement, self.warmup)
        for point, look in kit.stage(stage, record=False):
            yield point, look("train") if point.fraction >= 1.0 else None
