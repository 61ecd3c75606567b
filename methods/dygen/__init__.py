"""DyGen: training dynamics and a generative model of the noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts import (
    Findings,
    Kit,
    NoisyView,
    Outputs,
    Point,
    ProbabilityArray,
    Seen,
    UsesNoiseRate,
    register,
)

if TYPE_CHECKING:
    from torch import Tensor

    from methods.dygen.stage_two import Settings
    from methods.engine.batch import TrainBatch

BRANCHES = 2


@register
class DyGen(UsesNoiseRate):
    """Two networks trained to agree; their training dynamics mark suspects; a generative model corrects the rest.

    Stage one: L = 1/M Σ_m CE(p^m, ỹ) + λ1 · 1/M Σ_m KL(p̄ || p^m), λ1 switched on after a tenth of the steps. At each
    point e, w^m_e(x) is the embedding of x; the trajectory w^m(x) joins all of them.
    Dynamics: s_i = mean_e d_i,e + std_e d_i,e, with d_i,e the distance to the centroid of the noisy class ỹ_i. The
    top ρ share is marked.
    Prior: Dir(1 + 1/C + δ e_c), c the class of the ten nearest unmarked neighbours.
    Stage two: q(y | w, ỹ) = Dir(α(w, ỹ)) and p(ỹ | w, y), fitted by the evidence bound plus λ2 times the
    disagreement of the modes.
    Inference: p(y | x) = 1/M Σ_m Σ_k p^m(k | x) · mode(α^m(w^m(x), e_k))_y.

    Zhuang et al., KDD 2023, arXiv:2305.19395. No clean label and no test text is read while training.

    What to expect of the score: it is a distance, not a comparison of distances. Under a trained head over frozen
    features (TREC, symmetric(0.4)) it finds wrong labels with an area of 0.54 only, where the loss of an early point
    has 0.95; the gain there comes from the prior and the second stage.
    """

    name = "dygen"
    family = "generative"
    networks = BRANCHES
    reads = "all"
    citation = """@inproceedings{zhuang2023dygen,
  title = {DyGen: Learning from Noisy Labels via Dynamics-Enhanced Generative Modeling},
  author = {Zhuang, Yuchen and Yu, Yue and Kong, Lingkai and Chen, Xiang and Zhang, Chao},
  booktitle = {Proceedings of KDD}, year = {2023}}"""
    departures = (
        "Centroids come from training examples and their noisy labels alone; the authors' code mixes in clean "
        "validation and test labels.",
        "Marks and neighbours use training examples; the authors' code adds validation. A class without examples has "
        "the overall mean as its centroid; theirs is NaN.",
        "The learning rate follows the recipe; the authors' restarts each epoch and never decays. λ1 is switched on "
        "after a tenth of the steps; theirs after int(E / 10) epochs.",
        "The concentration is kept within [1 + 1e-4, 1e4].",
        "The share to mark is the estimated noise rate; the authors give the injected one (`rate=oracle` here).",
        "Trajectory points are the recipe's selection points, not epoch ends; batches are shuffled.",
        "Neighbours are sought by the last embedding and never include the example itself; the authors' code uses the "
        "first epoch's and returns every unmarked example's own label.",
        "The latent is a true reparameterised Dirichlet sample and the divergence is between Dirichlets; the authors' "
        "code samples by a small-shape approximation and compares independent Gammas (`divergence=gamma` here).",
        "Trajectories are standardised and divided by the root of their length; the authors' code takes raw "
        "embeddings. The second stage's learning rate is its own, 1e-3: a step then moves a logit by up to 0.1; "
        "theirs, 1e-4 on 7,680 raw dimensions, by about 0.3. A tenth of it hardly trains on a few hundred texts.",
        "The second stage's point is chosen by noisy validation labels or is the last; the authors' code keeps the "
        "best by test labels.",
    )

    agreement: float = 5.0
    warmup: float = 0.1
    neighbours: int = 10
    prior_strength: float = 5.0
    stage_two_epochs: int = 10
    stage_two_batch: int = 32
    stage_two_learning_rate: float = 1e-3
    stage_two_agreement: float = 1.0
    divergence: Literal["dirichlet", "gamma"] = "dirichlet"
    likelihood: Literal["bernoulli", "categorical"] = "bernoulli"

    def fit(self, view: NoisyView, kit: Kit) -> Iterator[Point]:
        """Stage one's points are not selectable; stage two's read what the harness saw at them."""
        networks = kit.networks(BRANCHES)
        seen: list[Outputs] = []
        for point in kit.train(networks, self.stage_one_loss, selectable=False):
            seen.append(kit.evaluate(networks, embedding=True))
            yield point
        yield from self.stage_two(view, kit, seen)

    def stage_one_loss(self, batch: TrainBatch) -> Tensor:
        """The co-regularised loss."""
        from methods.engine.losses import co_regularised

        return co_regularised(
            batch.losses, batch.probabilities, self.agreement if batch.progress >= self.warmup else 0.0
        )

    def stage_two(self, view: NoisyView, kit: Kit, seen: Seen) -> Iterator[Point]:
        """Dynamics, prior, then a point after each epoch of the generative model."""
        import torch

        from methods.dygen.stage_two import train_stage_two

        labels = torch.from_numpy(view.train.noisy_labels).to(kit.device)
        trajectories = [joined_trajectory(seen, branch) for branch in range(BRANCHES)]
        with kit.phase("dynamics and prior"):
            scores, priors = self.scores_and_priors(view, kit, seen, labels)
        training = train_stage_two(
            trajectories,
            labels,
            priors,
            self.settings(),
            kit.generator("stage two"),
            kit.stream("stage two"),
            kit.check_time,
        )
        while True:
            with kit.phase("stage two"):
                trained = next(training, None)
            if trained is None:
                return
            fraction, models, standardisers = trained

            def predict(outputs: Seen, models: Any = models, standardisers: Any = standardisers) -> ProbabilityArray:
                return self.predict(outputs, models, standardisers)

            def find(models: Any = models, standardisers: Any = standardisers) -> Findings:
                return self.found(seen, models, standardisers, trajectories, labels, scores)

            yield Point(fraction=fraction, predict=predict, findings=find, stage=2)

    def scores_and_priors(
        self, view: NoisyView, kit: Kit, seen: Seen, labels: Tensor
    ) -> tuple[npt.NDArray[np.float64], Tensor]:
        """Dynamics scores (M, N) and prior concentrations (M, N, C), from the training outputs at each point."""
        import torch

        from methods.dygen.dynamics import dynamics_score, mark_suspects, trajectory_distances
        from methods.dygen.prior import concentration, neighbour_votes

        rate = self.noise_rate(view)
        scores, priors = [], []
        for branch in range(BRANCHES):
            trajectory = np.stack([embedding_of(outputs)[:, branch] for outputs in seen], axis=1)
            score = dynamics_score(trajectory_distances(trajectory, view.train.noisy_labels, view.num_classes))
            marked = torch.from_numpy(mark_suspects(score, rate)).to(labels.device)
            last = torch.from_numpy(trajectory[:, -1].astype(np.float32)).to(labels.device)
            votes = neighbour_votes(last, labels, marked, view.num_classes, self.neighbours)
            scores.append(score)
            priors.append(concentration(votes.argmax(1), view.num_classes, self.prior_strength))
        return np.stack(scores), torch.stack(priors)

    def predict(self, seen: Seen, models: Any, standardisers: Any) -> ProbabilityArray:
        """p(y | x) of each branch, (N, M, C), from all outputs of stage one."""
        from methods.dygen.stage_two import INFERENCE_ROWS, predict_true_labels

        noisy = seen[-1].probabilities
        predicted = np.empty_like(noisy)
        for start in range(0, len(noisy), INFERENCE_ROWS):
            rows = slice(start, start + INFERENCE_ROWS)
            for m in range(BRANCHES):
                trajectory = joined_trajectory(seen, m, rows)
                predicted[rows, m] = predict_true_labels(models[m], standardisers[m], trajectory, noisy[rows, m].copy())
        return predicted

    def found(
        self, seen: Seen, models: Any, standardisers: Any, trajectories: Any, labels: Tensor, scores: Any
    ) -> Findings:
        """Training predictions, labels corrected by q(y | w, ỹ), and the dynamics score as suspicion."""
        from methods.dygen.stage_two import correct_labels

        corrected = [correct_labels(models[m], standardisers[m], trajectories[m], labels) for m in range(BRANCHES)]
        return Findings(
            train_probabilities=self.predict(seen, models, standardisers),
            corrected_labels=np.mean(corrected, axis=0).argmax(axis=1),
            suspicion=scores.mean(axis=0),
        )

    def settings(self) -> Settings:
        """The second stage's parameters."""
        from methods.dygen.stage_two import Settings

        return Settings(
            epochs=self.stage_two_epochs,
            batch_size=self.stage_two_batch,
            learning_rate=self.stage_two_learning_rate,
            divergence=self.divergence,
            likelihood=self.likelihood,
            divergence_weight=1.0,
            agreement_weight=self.stage_two_agreement,
            warmup=self.warmup,
        )


def embedding_of(outputs: Outputs) -> npt.NDArray[np.float16]:
    """The embedding of some outputs, (N, M, D), which trajectories cannot do without."""
    if outputs.embedding is None:
        raise ValueError("trajectories need embeddings; the harness kept none")
    return outputs.embedding


def joined_trajectory(seen: Seen, branch: int, rows: slice = slice(None)) -> npt.NDArray[np.float16]:
    """One branch's embeddings at all points side by side, (N, E · D), of all rows or some."""
    return np.concatenate([embedding_of(outputs)[rows, branch] for outputs in seen], axis=1)
