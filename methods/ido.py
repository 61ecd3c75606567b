"""IDO: how often an example was predicted wrongly decides how its label is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

from benchmark.contracts import (
    GradientMethod,
    Network,
    NoisyView,
    Point,
    Trainer,
    TrainingDiagnostics,
    Within,
    register,
)

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch

FIRST_ITERATIONS = 20
LATER_ITERATIONS = 2


class Terms(NamedTuple):
    """The parts of the loss for each example, (B,): the cross-entropy of two views, the
    distance of their logits, and the entropy and the largest probability of their mean.
    """

    cross_entropy: Tensor
    distance: Tensor
    entropy: Tensor
    confidence: Tensor


class Weights(NamedTuple):
    """The weights of each training example's terms, (N,): π1, and π1 F1(w) + (1 - π2)
    (1 - F2(w)).
    """

    label: Tensor
    distance: Tensor


def view_terms(first: Tensor, second: Tensor, noisy_labels: Tensor) -> Terms:
    """Give the parts of the loss from the logits of two views, (B, C).

    Probabilities are kept in [1e-4, 1 - 1e-4].
    """
    from torch.nn.functional import cross_entropy

    a, b = (logits.softmax(-1).clamp(1e-4, 1 - 1e-4) for logits in (first, second))
    mean = (a + b) / 2
    label_loss = partial(cross_entropy, target=noisy_labels, reduction="none")
    return Terms(
        cross_entropy=label_loss(first) + label_loss(second),
        distance=(first - second).square().mean(-1),
        entropy=-(mean * mean.log()).sum(-1),
        confidence=mean.amax(-1),
    )


def weighted_loss(terms: Terms, label: Tensor, distance: Tensor) -> Tensor:
    """Give mean{π1 (CE_a + CE_b) + v · MSE(z_a, z_b) + (1 - π1) conf(p̄) H(p̄)}.

    `label` holds π1 and `distance` v, both (B,).
    """
    entropy = (1 - label) * terms.confidence * terms.entropy
    return (label * terms.cross_entropy + distance * terms.distance + entropy).mean()


class Difficulty:
    """What one training knows of its examples: wrong events, their mixture, and the
    weights that follow from it.
    """

    def __init__(self, noisy_labels: Tensor) -> None:
        from methods.shared.beta_mixture import BetaMixture
        from methods.shared.history import LabelWave, WrongEvents

        self.events = WrongEvents(noisy_labels)
        self.wave = LabelWave()
        self.mixture = BetaMixture.initial()
        self.weights: Weights | None = None

    def model(self, iterations: int) -> None:
        """Fit the mixture for some more iterations, and weigh the examples by it.

        Equal counts tell nothing, so that every label is believed.
        """
        import torch

        from methods.shared.beta_mixture import scaled_counts

        counts = self.events.counts
        if bool((counts == counts[0]).all()):
            self.weights = Weights(*torch.ones(2, len(counts), device=counts.device))
            return
        values = scaled_counts(counts.cpu().numpy())
        self.mixture = self.mixture.fitted(values, iterations)
        (clean, wrong), (below, above) = self.mixture.posteriors(values), self.mixture.distributions(values)
        made = torch.from_numpy(clean), torch.from_numpy(clean * below + (1 - wrong) * (1 - above))
        self.weights = Weights(*(weight.float().to(counts.device) for weight in made))


@register
class InstanceDifficultyOptimization(GradientMethod):
    """Wrong events tell clean, hard and wrong examples apart; each weighs accordingly
    in three terms.

    Stage one is cross-entropy. w_i counts how often arg max p(x_i) ≠ ỹ_i. The base
    model is the network before the predictions on the training texts first begin to
    change faster.
    A mixture of two betas on w, scaled to (0, 1), gives posteriors π1 (clean), π2 and
    distribution functions F1, F2.
    Stage two starts from the base model, on two views a, b, whose predictions go on
    counting into w:
    L = mean{π1 (CE_a + CE_b) + [π1 F1(w) + (1 - π2)(1 - F2(w))] MSE(z_a, z_b) + (1 -
    π1) conf(p̄) H(p̄)}.
    p̄ is the mean of both predictions, conf its largest probability. Nothing is
    relabelled.

    Zhang et al., NeurIPS 2025, arXiv:2505.00812. Text adaptation: stage one is a share
    of the steps, three of ten epochs. Over so few epochs visits are a coarse count, so
    w counts predictions in evaluation mode at the recipe's points (twice an epoch where
    the encoder is fine-tuned). Both views are passes under dropout.

    Where a training starts slowly, predictions first change little and then faster, so
    the base model can be a very early one, for which stage two then makes up. Under
    clean labels hard examples lose weight, at a small price.
    """

    name = "ido"
    family = "sample reweighting"
    citation = """@inproceedings{zhang2025ido,
  title = {Handling Label Noise via Instance-Level Difficulty Modeling and Dynamic Optimization},
  author = {Zhang, Kuan and Chai, Chengliang and Xu, Jingzhe and Zhang, Chi and Han, Han and Yuan, Ye and
            Wang, Guoren and Cao, Lei},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2025}}"""
    departures = (
        "conf(p̄) H(p̄) is taken for each example; the authors' code multiplies a column by a row, which gives the mean "
        "of conf times the mean of (1 - π1) H.",
        "The component of lower mean is the clean one; the authors' code takes the first, whatever became of it.",
        "Equal counts leave every label believed; the authors' code divides by zero.",
        "Weights follow from the counts at the start of an epoch; the authors' code asks the mixture about newer "
        "counts, which may lie outside the range that it was fitted on.",
        "The base model is a copy; the authors' code keeps a reference to the live weights, so the epoch of the rise.",
        "One mixture for all examples; the authors' code also offers one a class.",
        "Stage one counts at selection points in evaluation mode; the authors' code at each visit in training mode.",
        "The rate at which predictions change is taken over the share of training between two points, which need not "
        "be equally far apart.",
        "Both views are passes under dropout; the authors' second one is strongly augmented.",
        "Optimiser and learning rate go on through both stages, within the steps of one training; the authors start a "
        "second training of ten epochs after five.",
        "The last point, or the one best on noisy validation labels, counts; the authors keep the best test epoch.",
    )

    stage_one: Annotated[float, Within(0, 1, "(]")] = 0.3

    def start(self, view: NoisyView, trainer: Trainer) -> Difficulty:
        """Give counts of examples that nobody has looked at yet."""
        import torch

        return Difficulty(torch.from_numpy(view.train.noisy_labels.copy()).to(trainer.device))

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Train both stages; the first ends with the point at or after its share of the
        steps.
        """
        networks, state = trainer.networks(1), self.start(view, trainer)

        def before_epoch(epoch: int) -> None:
            if state.weights is not None:
                state.model(LATER_ITERATIONS)

        for point in trainer.train(
            networks,
            self.loss,
            state=state,
            before_epoch=before_epoch,
            findings=lambda: self.findings(view, trainer, networks, state),
        ):
            if state.weights is None:
                self.look(networks[0], state, trainer, point.fraction)
            yield point
            if state.weights is None and point.fraction >= self.stage_one:
                networks[0].load_state_dict(state.wave.weights)
                state.model(FIRST_ITERATIONS)

    def look(self, network: Network, state: Difficulty, trainer: Trainer, fraction: float) -> None:
        """Count wrong events, and watch for the rise, at one point of stage one."""
        import torch

        probabilities = trainer.evaluate([network]).probabilities[:, 0]
        predicted = torch.from_numpy(probabilities.argmax(-1)).to(trainer.device)
        state.events.add(predicted)
        state.wave.look(network, predicted, fraction)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the cross-entropy in stage one, then L, for which both views count."""
        state = batch.state
        if state.weights is None:
            return batch.losses.mean()
        first, second = batch.logits[0], batch.second_view()[0]
        for logits in (first, second):
            state.events.add(logits.argmax(-1), batch.rows)
        terms = view_terms(first, second, batch.noisy_labels)
        return weighted_loss(terms, *(weight[batch.rows] for weight in state.weights))

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Difficulty
    ) -> TrainingDiagnostics:
        """Give the wrong events so far, as a share of the most, as suspicion."""
        found = super().findings(view, trainer, networks, state)
        counts = state.events.counts.cpu().numpy()
        return replace(found, suspicion=counts / max(1, int(counts.max())))
