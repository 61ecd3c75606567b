"""Methods in two stages: estimate the transition matrix, then train from scratch with a
loss that knows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from benchmark.contracts import Network, NoisyView, Trainer, TrainingDiagnostics, Within
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.gradient import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

Estimate = Literal["anchor", "dual_t", "confident_joint"]

FOLDS = 5


@dataclass(frozen=True)
class Transition:
    """An estimated T, rows true classes: `matrix` float64 (C, C), `tensor` float32 on
    the device, its `inverse`.
    """

    matrix: FloatArray
    tensor: Tensor
    inverse: Tensor


@dataclass(frozen=True, repr=False)
class TransitionMethod(GradientMethod):
    """A method that trains with an estimated T, which a subclass estimates.

    The first stage trains for `early` of the steps, and noisy validation chooses one of
    its points.
    """

    family: ClassVar[str] = "transition matrix"
    stage: ClassVar[int] = 2

    early: Annotated[float, Within(0, 1, "(]")] = 0.2

    def transition_matrix(self, view: NoisyView, trainer: Trainer) -> FloatArray:
        """Give T, (C, C), its rows summing to one."""
        raise TypeError(f"Method '{self.name}' does not say how it estimates its transition matrix.")

    def start(self, view: NoisyView, trainer: Trainer) -> Transition:
        """Run the first stage: estimate T, and invert it."""
        import torch

        from methods.shared.transition.corrections import bounded_inverse

        matrix = self.transition_matrix(view, trainer)
        tensor = torch.from_numpy(matrix)
        return Transition(matrix, tensor.float().to(trainer.device), bounded_inverse(tensor).float().to(trainer.device))

    def findings(
        self, view: NoisyView, trainer: Trainer, networks: list[Network], state: Transition
    ) -> TrainingDiagnostics:
        """Give the default suspicion, T, and the noise rate that T implies."""
        from methods.shared.transition.matrices import implied_noise_rate

        return replace(
            super().findings(view, trainer, networks, state),
            transition_matrix=state.matrix,
            noise_rate=implied_noise_rate(state.matrix, view.train.noisy_labels),
        )


def estimated_matrix(estimate: Estimate, view: NoisyView, trainer: Trainer, early: float) -> FloatArray:
    """Estimate T from cross-entropy networks stopped early, (C, C), its rows summing to
    one.

    `anchor` reads the posterior of one network at the temperature that fits noisy
    validation labels, `dual_t` the same as it is, `confident_joint` out-of-fold
    probabilities of five. Dual-T takes the noise from counts: with calibrated anchors
    both of its factors would carry it, and their product be nearer T² than T.
    """
    from methods.shared.early_training import calibrated_posterior, out_of_fold_posterior, train_early
    from methods.shared.transition.confident_joint import confident_joint
    from methods.shared.transition.matrices import defined_anchor_matrix, dual_matrix, joint_matrix, stochastic

    labels = view.train.noisy_labels
    if estimate == "confident_joint":
        found = confident_joint(out_of_fold_posterior(view, trainer, FOLDS, early), labels)
        return stochastic(joint_matrix(found.calibrated))
    outputs = train_early(view, trainer, early)
    if estimate == "dual_t":
        return stochastic(dual_matrix(outputs.train, labels))
    return stochastic(defined_anchor_matrix(calibrated_posterior(view, outputs)))
