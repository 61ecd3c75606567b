"""SED: self-adaptive and class-balanced selection, and an averaged teacher."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from benchmark.contracts import (
    GradientMethod,
    LabelArray,
    Network,
    NoisyView,
    Trainer,
    TrainingDiagnostics,
    Within,
    above,
    at_least,
    register,
)
from benchmark.contracts.arrays import FloatArray, at_labels
from methods.shared.epochs import whole_epochs

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


HIGHEST_THRESHOLD = 0.95


class Selection:
    """The global threshold τ and the class state c, float64 (C,), both 1/C at first."""

    def __init__(self, num_classes: int) -> None:
        self.threshold = 1.0 / num_classes
        self.class_state: FloatArray = np.full(num_classes, 1.0 / num_classes)

    def renew(self, probabilities: FloatArray, labels: LabelArray, momentum: float, quantile: float) -> None:
        """Move τ and c towards the quantile of p_ỹ and the mean of p, (N, C)."""
        given = at_labels(probabilities, labels)
        moved = momentum * self.threshold + (1 - momentum) * float(np.quantile(given, quantile))
        self.threshold = min(moved, HIGHEST_THRESHOLD)
        self.class_state = momentum * self.class_state + (1 - momentum) * probabilities.mean(axis=0)

    def excess(self, probabilities: FloatArray, labels: LabelArray) -> FloatArray:
        """Give p_ỹ - τ c_ỹ / max c of each example, (N,), which is at least 0 for a
        clean one.
        """
        bounds: FloatArray = self.threshold * self.class_state / self.class_state.max()
        return np.asarray(at_labels(probabilities, labels) - bounds[labels])


class Confidence:
    """Mean and variance of the teacher's highest probability, float64 (C,), by the
    class that it predicts.
    """

    def __init__(self, num_classes: int) -> None:
        self.mean: FloatArray = np.full(num_classes, 1.0 / num_classes)
        self.variance: FloatArray = np.ones(num_classes)

    def renew(self, probabilities: FloatArray, momentum: float) -> None:
        """Move towards what the teacher now says, (N, C).

        A class that it predicts fewer than twice stays.
        """
        predicted, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
        for k in range(len(self.mean)):
            of_class = highest[predicted == k]
            if len(of_class) > 1:
                self.mean[k] = momentum * self.mean[k] + (1 - momentum) * of_class.mean()
                self.variance[k] = momentum * self.variance[k] + (1 - momentum) * of_class.var(ddof=1)

    def weights(self, probabilities: FloatArray, deviations: float) -> FloatArray:
        """Give exp(-n² min(p - μ, 0)² / (2 σ²)) of each example, (N,), with n =
        `deviations`.
        """
        predicted = probabilities.argmax(axis=1)
        below = np.minimum(probabilities.max(axis=1) - self.mean[predicted], 0.0)
        return np.asarray(np.exp(-((below * deviations) ** 2) / (2 * self.variance[predicted])))


@dataclass
class State:
    """The statistics, the teacher, who is clean, bool (N,), and the weights, (N,),
    which one training remembers.
    """

    selection: Selection
    confidence: Confidence
    teacher: Network | None = None
    clean: Tensor | None = None
    weights: Tensor | None = None


def follow(teacher: Network, student: Network, momentum: float) -> None:
    """Move the teacher's weights towards the student's: w ← m w + (1 - m) w_student."""
    import torch

    with torch.no_grad():
        for kept, new in zip(teacher.state_dict().values(), student.state_dict().values(), strict=True):
            if kept.is_floating_point():
                kept.lerp_(new, 1 - momentum)


@register
class SelfAdaptiveSelection(GradientMethod):
    """L = mean CE(p_i, ỹ_i) over the clean + α mean_i w_i CE(p'_i, ŷ_i) over all.

    Clean are those with p_ỹ >= τ c_ỹ / max_k c_k. Before each epoch τ ← m τ + (1 - m)
    Q_0.8(p_ỹ), at most 0.95, and c ← m c + (1 - m) mean_i p_i, both 1/C at first. A
    class that the network favours less has a lower bound.
    ŷ is the class that the teacher predicts, whose weights are a running mean of the
    network's. w_i = exp(-n² min(q_i - μ, 0)² / (2 σ²)), q_i the teacher's highest
    probability, μ and σ² its running mean and variance over the class ŷ, n = 2.
    p' is a second view. The warm-up, a fifth of the epochs, is CE + Σ_k p_k log p_k.

    Sheng et al., ECCV 2024, arXiv:2407.02778. Text adaptation: both views are passes
    under dropout. The authors' momentum of 0.95 an epoch is meant for a hundred epochs
    and is 0.6 for ten of them, which is 0.95 to the power of ten.
    """

    name = "sed"
    family = "sample selection"
    citation = """@inproceedings{sheng2024sed,
  title = {Foster Adaptivity and Balance in Learning with Noisy Labels},
  author = {Sheng, Mengmeng and Sun, Zeren and Chen, Tao and Pang, Shuchao and Wang, Yucheng and Yao, Yazhou},
  booktitle = {ECCV}, year = {2024}}"""
    departures = (
        "A class that the teacher predicts fewer than twice keeps its mean and variance; the authors' code moves them "
        "towards 0 and 1.",
        "Network and teacher look at the training set in evaluation mode; the authors' in training mode.",
        "Both views are passes under dropout; the authors' second one is strongly augmented.",
        "The statistics have momentum 0.6 an epoch, since a training has ten epochs and not a hundred.",
        "The teacher starts as a copy of the network after the warm-up and then follows it step by step.",
        "A batch without a clean example has no first term.",
        "The last point, or the one best on noisy validation labels, counts; the authors keep the best test epoch.",
    )

    warmup: Annotated[float, Within(0, "last_epoch")] = 0.2
    momentum: Annotated[float, Within(0, 1, "[)")] = 0.6
    confidence_momentum: Annotated[float, Within(0, 1, "[)")] = 0.6
    teacher_momentum: Annotated[float, Within(0, 1, "[)")] = 0.99
    quantile: Annotated[float, Within(0, 1)] = 0.8
    deviations: Annotated[float, above(0)] = 2.0
    weight: Annotated[float, at_least(0)] = 1.0

    def start(self, view: NoisyView, trainer: Trainer) -> State:
        """Give a state in which nothing is selected and there is no teacher."""
        return State(Selection(view.num_classes), Confidence(view.num_classes))

    def before_epoch(
        self, epoch: int, view: NoisyView, trainer: Trainer, networks: list[Network], state: State
    ) -> None:
        """Select and weigh anew before each epoch after the warm-up."""
        import torch

        if epoch < whole_epochs(self.warmup, trainer.recipe.epochs):
            return
        if state.teacher is None:
            state.teacher = copy.deepcopy(networks[0])
        seen = trainer.evaluate([networks[0], state.teacher]).probabilities.astype(np.float64)
        own, taught, labels = seen[:, 0], seen[:, 1], view.train.noisy_labels
        state.selection.renew(own, labels, self.momentum, self.quantile)
        state.confidence.renew(taught, self.confidence_momentum)
        state.clean = torch.from_numpy(state.selection.excess(own, labels) >= 0).to(trainer.device)
        state.weights = torch.from_numpy(state.confidence.weights(taught, self.deviations)).float().to(trainer.device)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the penalised cross-entropy during the warm-up, then L."""
        import torch
        from torch.nn.functional import cross_entropy

        state = batch.state
        if state.clean is None:
            return batch.losses.mean() + (batch.probabilities * batch.log_probabilities).sum(-1).mean()
        follow(state.teacher, batch.networks[0], self.teacher_momentum)
        state.teacher.eval()
        with torch.no_grad():
            guessed = state.teacher.classify(state.teacher.embed(batch.encoded)).argmax(-1)
        clean = state.clean[batch.rows]
        believed = (batch.losses[0] * clean).sum() / clean.sum().clamp_min(1)
        taught = state.weights[batch.rows] * cross_entropy(batch.second_view()[0], guessed, reduction="none")
        total: Tensor = believed + self.weight * taught.mean()
        return total

    def findings(self, view: NoisyView, trainer: Trainer, networks: list[Network], state: State) -> TrainingDiagnostics:
        """Give how far p_ỹ lies below its bound as suspicion.

        A label below it is corrected to the prediction.
        """
        if state.clean is None:
            return super().findings(view, trainer, networks, state)
        probabilities, labels = trainer.evaluate(networks).probabilities, view.train.noisy_labels
        own = probabilities[:, 0].astype(np.float64)
        excess = state.selection.excess(own, labels)
        return TrainingDiagnostics(
            train_probabilities=probabilities,
            suspicion=-excess,
            corrected_labels=np.where(excess >= 0, labels, own.argmax(axis=1)),
        )
