"""DyGen: training dynamics and a generative model of the noise."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from benchmark.contracts import (
    BenchmarkError,
    BySecondModel,
    EmbeddingArray,
    LabelArray,
    Matching,
    Need,
    NoisyView,
    OutputHistory,
    Outputs,
    Point,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
    TrajectoryDiagnostics,
    UsesNoiseRate,
    Within,
    above,
    at_least,
    register,
)
from benchmark.contracts.trainer import Recipe, SharedTraining
from methods.dygen.citation import CITATION, DEPARTURES
from methods.dygen.settings import RELEASED, TRAJECTORY, TRAJECTORY_WORDS, chosen_points, moments_of
from methods.shared.co_regularised import CoRegularised, selectable_points
from methods.shared.second_stage import second_stage

if TYPE_CHECKING:
    from torch import Tensor

    from methods.dygen.prior import Prior
    from methods.shared.generative.model import GenerativeModel, GenerativeSettings


@register
class DyGen(UsesNoiseRate):
    """Two networks trained to agree; their training dynamics mark suspects; a
    generative model corrects the rest.

    Stage one: L = 1/M Σ_m CE(p^m, ỹ) + λ1 · 1/M Σ_m KL(p̄ || p^m). λ1 is switched on
    after a tenth of the steps. At the end of epoch e, w^m_e(x) is the embedding of x.
    The trajectory w^m(x) joins all of them.
    Dynamics: s_i = mean_e d_i,e + std_e d_i,e, with d_i,e the distance to the centroid
    of the noisy class ỹ_i. The top ρ share is marked.
    Prior: Dir(1 + 1/C + δ e_c), c the class of the ten nearest unmarked neighbours.
    Stage two: q(y | w, ỹ) = Dir(α(w, ỹ)) and p(ỹ | w, y), fitted by the evidence bound
    plus λ2 times the disagreement of the modes.
    Inference: p(y | x) = 1/M Σ_m Σ_k p^m(k | x) · mode(α^m(w^m(x), e_k))_y.

    Zhuang et al., KDD 2023, arXiv:2305.19395. No clean label and no test text is read
    while training, except in `mode=released_leaky`, which declares what it reads.

    Variants: `until=stage_one` ends with the networks alone, as CR does. `until=prior`
    ends with the neighbours' votes. `trajectory=last-1` is a static embedding; `last-K`
    and `every-J` take some of the epochs' ends, `all` takes the recipe's selection
    points, `last-K-points` and `every-J-points` some of these. `branches=1` trains one
    network. `score=random` marks at random. `score=margin` is the own distance minus
    that to the nearest other centroid, and is ours. `mode=released` is the released
    code without its leaks.

    The dynamics score is a distance and not a comparison of distances, so that it finds
    wrong labels less well than `score=margin` does.
    """

    name = "dygen"
    family = "generative"
    version = 3
    predicts_from = "trajectory"
    citation = CITATION
    departures = DEPARTURES

    agreement: Annotated[float, at_least(0)] = 5.0
    warmup: Annotated[float, Within(0, 1, "[)")] = 0.1
    branches: Annotated[int, Within(1, 100)] = 2
    trajectory: Annotated[str, Matching(TRAJECTORY, TRAJECTORY_WORDS)] = "epochs"
    score: Literal["dynamics", "margin", "random"] = "dynamics"
    neighbours: Annotated[int, Within(1, "train_rows")] = 10
    prior: Literal["hard", "soft"] = "hard"
    prior_strength: Annotated[float, at_least(0)] = 5.0
    prior_embedding: Literal["last", "first", "trajectory", "frozen"] = "last"
    self_match: bool = False
    bank: Literal["train", "train_valid"] = "train"
    stage_two_epochs: Annotated[int, Within(1, 10_000)] = 10
    stage_two_batch: Annotated[int, Within(1, "train_rows")] = 32
    stage_two_learning_rate: Annotated[Literal["recipe"] | float, above(0)] = 1e-3
    stage_two_agreement: Annotated[float, at_least(0)] = 1.0
    divergence: Literal["dirichlet", "gamma"] = "dirichlet"
    likelihood: Literal["bernoulli", "categorical"] = "bernoulli"
    latent: Literal["dirichlet", "approximate"] = "dirichlet"
    standardise: bool = True
    shuffle: bool = True
    schedule: Literal["recipe", "sawtooth"] = "recipe"
    mode: Literal["paper", "released", "released_leaky"] = "paper"
    until: Literal["stage_one", "prior", "stage_two"] = "stage_two"

    def __post_init__(self) -> None:
        if self.until == "prior" and self.prior_embedding not in ("last", "first"):
            raise BenchmarkError(
                f"dygen[until=prior] predicts by an embedding that is seen of every text; prior_embedding is "
                f"'{self.prior_embedding}' and must be 'last' or 'first'."
            )
        if self.bank == "train_valid" and self.prior_embedding == "frozen":
            raise BenchmarkError("dygen[prior_embedding=frozen] embeds training texts; bank must be 'train'.")

    @property
    def networks(self) -> int:  # type: ignore[override]
        """The number of branches."""
        return self.branches

    def needs(self) -> frozenset[Need]:
        """Declare the leaks of the released code, where they are asked for."""
        if self.mode != "released_leaky":
            return super().needs()
        return super().needs() | {Need.CLEAN_VALID_LABELS, Need.CLEAN_TEST_LABELS, Need.TEST_TEXTS}

    def as_run(self) -> DyGen:
        """Give the method with the settings of its mode."""
        return self if self.mode == "paper" else dataclasses.replace(self, **RELEASED)

    def shared_training(self, recipe: Recipe) -> SharedTraining:
        """Give stage one, whose points are selectable where nothing follows it."""
        method = self.as_run()
        stage = method.stage_one(recipe.epochs)
        if self.until == "stage_one":
            return SharedTraining(stage, selectable=True)
        return SharedTraining(stage, at=moments_of(method.trajectory), every_train_output=True)

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Yield points of stage one, not selectable, then those of stage two.

        The latter read the outputs at the former.
        """
        training = self.shared_training(trainer.recipe)
        if self.until == "stage_one":
            yield from selectable_points(trainer, training, view.train.noisy_labels)
            return
        from methods.dygen.prior import make_prior

        method = self.as_run()
        looks: dict[str, list[Outputs]] = {split: [] for split in method.splits_read()}
        for point, look in trainer.shared(training):
            for split, outputs in looks.items():
                outputs.append(look(split))
            yield point
        seen = {split: chosen_points(method.trajectory, at) for split, at in looks.items()}
        with trainer.phase("dynamics and prior"):
            prior = make_prior(method, view, trainer, seen)
        rest = method.neighbours_alone if method.until == "prior" else method.stage_two
        yield from rest(view, trainer, seen, prior)

    def splits_read(self) -> tuple[str, ...]:
        """Give the splits whose outputs are read at the points of stage one."""
        splits = ("train",) if self.bank == "train" else ("train", "valid")
        return (*splits, "test") if self.mode == "released_leaky" else splits

    def trajectory_diagnostics(
        self, points: Sequence[EmbeddingArray], noisy_labels: LabelArray, num_classes: int
    ) -> TrajectoryDiagnostics:
        """Give the distances to the centre of the noisy class, and the dynamics
        score.
        """
        from methods.dygen.dynamics import dynamics_score, trajectory_distances

        distances = trajectory_distances(points, noisy_labels, num_classes)
        return TrajectoryDiagnostics(distances, dynamics_score(distances))

    def stage_one(self, epochs: int) -> CoRegularised:
        """Give the training that CR and DyGen share.

        The released code's warm-up counts whole epochs.
        """
        warmup = self.warmup if self.mode == "paper" else int(self.warmup * epochs) / epochs
        return CoRegularised(self.branches, self.agreement, warmup, self.schedule, self.shuffle)

    def stage_two(
        self, view: NoisyView, trainer: Trainer, seen: Mapping[str, OutputHistory], prior: Prior
    ) -> Iterator[Point]:
        """Yield a point after each epoch of the generative model."""
        import torch

        from methods.dygen.prior import concentrations
        from methods.shared.generative.model import train_generative

        labels = torch.from_numpy(view.train.noisy_labels).to(trainer.device).expand(self.branches, -1)
        training = train_generative(
            seen["train"],
            labels,
            concentrations(self, prior.votes),
            self.settings(trainer.recipe.learning_rate),
            trainer.generator("stage two"),
            trainer.stream("stage two"),
            trainer.check_time,
        )

        def find(model: GenerativeModel) -> TrainingDiagnostics:
            return self.found(seen["train"], model, labels, prior)

        yield from second_stage(trainer, "stage two", training, self.corrected, find)

    @property
    def can_be_kept(self) -> bool:
        """Whether networks and tensors predict for new texts: votes of neighbours read
        the training texts.
        """
        return self.until != "prior"

    def second_model(self, tensors: Mapping[str, Tensor]) -> BySecondModel[GenerativeModel]:
        """Make the generative model's prediction again from its tensors."""
        from methods.shared.generative.model import GenerativeModel

        return BySecondModel(self.corrected, GenerativeModel.of_tensors(tensors))

    def corrected(self, model: GenerativeModel, seen: OutputHistory) -> ProbabilityArray:
        """Give what `predict` gives, the model first."""
        return self.predict(seen, model)

    def predict(self, seen: OutputHistory, model: GenerativeModel) -> ProbabilityArray:
        """Give p(y | x) of each branch, (N, M, C), from all outputs of stage one."""
        return model.predict(chosen_points(self.trajectory, seen), seen[-1].probabilities)

    def found(self, seen: OutputHistory, model: GenerativeModel, labels: Tensor, prior: Prior) -> TrainingDiagnostics:
        """Give training predictions, labels corrected by q(y | w, ỹ), and the dynamics
        score as suspicion.
        """
        return TrainingDiagnostics(
            train_probabilities=model.predict(seen, seen[-1].probabilities),
            corrected_labels=model.correct(seen, labels).mean(axis=1).argmax(axis=1),
            suspicion=prior.scores.mean(axis=0),
        )

    def neighbours_alone(
        self, view: NoisyView, trainer: Trainer, seen: Mapping[str, OutputHistory], prior: Prior
    ) -> Iterator[Point]:
        """Yield one point, the votes of the unmarked neighbours, without a second
        stage.
        """
        from methods.dygen.prior import predict_by_neighbours

        def predict(outputs: OutputHistory) -> ProbabilityArray:
            embedded = chosen_points(self.trajectory, outputs)[0 if self.prior_embedding == "first" else -1]
            return predict_by_neighbours(self, prior, view.num_classes, embedded)

        votes = prior.votes.transpose(0, 1).cpu().numpy()
        found = TrainingDiagnostics(votes, votes.mean(axis=1).argmax(axis=1), suspicion=prior.scores.mean(axis=0))
        yield Point(fraction=1.0, predict=predict, findings=lambda: found, stage=2)

    def settings(self, recipe_learning_rate: float) -> GenerativeSettings:
        """Give the parameters of the second stage."""
        from methods.shared.generative.model import GenerativeSettings

        rate = self.stage_two_learning_rate
        return GenerativeSettings(
            epochs=self.stage_two_epochs,
            batch_size=self.stage_two_batch,
            learning_rate=recipe_learning_rate if rate == "recipe" else float(rate),
            agreement_weight=self.stage_two_agreement,
            warmup=self.warmup,
            divergence=self.divergence,
            likelihood=self.likelihood,
            latent=self.latent,
            standardise=self.standardise,
            shuffle=self.shuffle,
        )
