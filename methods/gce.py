"""Generalized cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import BenchmarkError, GradientMethod, Network, NoisyView, Sizes, Trainer, Within, register
from benchmark.contracts.arrays import at_labels

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class GeneralizedCrossEntropy(GradientMethod):
    """L_q = (1 - p_y^q) / q: between cross-entropy (q → 0) and mean absolute error (q =
    1).

    Truncated (`truncation` = k, the paper's 0.5): v_i (L_q(p_i) - L_q(k)) with v_i = 1
    where p_i,y > k, else 0. All v_i are 1 at first and are set anew on the whole
    training set before each epoch from `prune_from` of the training on. Zhang &
    Sabuncu, NeurIPS 2018, arXiv:1805.07836, eq. 6; q = 0.7 as in the paper. The
    gradient carries a factor p_y^q, so examples that the network does not believe weigh
    less; with twenty classes or more q = 0.4 starts faster. Text adaptation: pruning
    begins at 40 % of the training (a third in the published port).
    """

    name = "gce"
    family = "robust loss"
    citation = """@inproceedings{zhang2018gce,
  title = {Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels},
  author = {Zhang, Zhilu and Sabuncu, Mert R.},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2018}}"""
    departures = (
        "The plain form is the default.",
        "Truncation looks at the training set with the current weights; the published port takes the checkpoint that "
        "is best on test.",
        "Where no example passes the threshold, none is pruned.",
        "Probabilities are kept at 1e-7 or above in the truncated form too; the published port does not clamp.",
    )

    q: Annotated[float, Within(0, 1, "(]")] = 0.7
    truncation: Annotated[float | None, Within(0, 1, "()")] = None
    prune_from: Annotated[float, Within(0, 1)] = 0.4

    def check_sizes(self, sizes: Sizes) -> None:
        """Check the ranges, as every method does, and that the truncated form prunes
        before some epoch.
        """
        super().check_sizes(sizes)
        most = sizes.bound("last_epoch")
        if self.truncation is not None and most is not None and self.prune_from > most:
            raise BenchmarkError(
                f"method gce.prune_from is {self.prune_from:g} and would prune before none of {sizes.epochs} epochs. "
                f"It must be {most:g} or less where truncation is set. Lower it, or train for more epochs."
            )

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor | None:
        """Give the weights v, float32 (N,), all 1, or None for the plain form."""
        if self.truncation is None:
            return None
        import torch

        return torch.ones(len(view.train), device=trainer.device)

    def before_epoch(
        self, epoch: int, view: NoisyView, trainer: Trainer, networks: list[Network], state: Tensor | None
    ) -> None:
        """Set the weights of the truncated form anew, in the later epochs."""
        if state is not None and epoch >= self.prune_from * trainer.recipe.epochs:
            seen = trainer.evaluate(networks).probabilities[:, 0]
            state.copy_(self.weights(state.new_tensor(at_labels(seen, view.train.noisy_labels))))

    def weights(self, label_probabilities: Tensor) -> Tensor:
        """Give v of examples with these p_y, (N,): 1 above the threshold and 0
        elsewhere.

        Where no example is above it, all weigh 1.
        """
        passing = label_probabilities > (self.truncation or 0.0)
        return (passing if bool(passing.any()) else ~passing).to(label_probabilities.dtype)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean of L_q, or of v (L_q - L_q(k)).

        Probabilities are kept at 1e-7 or above.
        """
        p = batch.label_probabilities.clamp_min(1e-7)
        losses = (1 - p**self.q) / self.q
        if self.truncation is None:
            return losses.mean()
        kept: Tensor = batch.state[batch.rows]
        at_threshold: float = (1 - self.truncation**self.q) / self.q
        return (kept * (losses - at_threshold)).mean()
