"""Mixup: training on convex combinations of examples and of their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import BenchmarkError, Kit, LabelArray, NoisyView, register
from methods.engine import GradientMethod

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from methods.engine.batch import TrainBatch


@register
class Mixup(GradientMethod):
    """λ CE(p(h̃), ỹ) + (1 - λ) CE(p(h̃), ỹ_π), with h̃ = λ h + (1 - λ) h_π.

    One λ ~ Beta(a, a) and one permutation π a batch; λ is not folded to 1/2 or above. Between examples the network must
    be linear, which wrong labels are not. Zhang et al., ICLR 2018, arXiv:1710.09412; a = 1 as the authors' code.
    Text adaptation: h is the embedding that the classifier reads, since tokens cannot be mixed. Texts to be predicted
    are not mixed.
    """

    name = "mixup"
    family = "regularisation"
    citation = """@inproceedings{zhang2018mixup,
  title = {mixup: Beyond Empirical Risk Minimization},
  author = {Zhang, Hongyi and Cisse, Moustapha and Dauphin, Yann N. and Lopez-Paz, David},
  booktitle = {Proceedings of ICLR}, year = {2018}}"""
    departures = ("Embeddings are mixed; the authors' code mixes the inputs, which are images.",)

    concentration: float = 1.0

    def __post_init__(self) -> None:
        if not self.concentration > 0:
            raise BenchmarkError(f"mixup.concentration is {self.concentration:g}; it must be above 0, as in 1.")

    def start(self, view: NoisyView, kit: Kit) -> np.random.Generator:
        """What λ and π are drawn from."""
        return kit.generator("mixing")

    def loss(self, batch: TrainBatch) -> Tensor:
        """Cross-entropy of the mixed embeddings with both labels, weighted as the embeddings are."""
        share = float(batch.state.beta(self.concentration, self.concentration))
        return mixed_loss(batch, share, batch.state.permutation(len(batch.noisy_labels)))


def mixed_loss(batch: TrainBatch, share: float, partners: LabelArray) -> Tensor:
    """The loss for one λ (`share`) and one permutation (`partners`, int64 (B,))."""
    from methods.engine.losses import label_losses

    mixed = share * batch.embeddings + (1 - share) * batch.embeddings[:, partners]
    log_probabilities = batch.classify(mixed).log_softmax(-1)
    own = label_losses(log_probabilities, batch.noisy_labels)
    others = label_losses(log_probabilities, batch.noisy_labels[partners])
    return (share * own + (1 - share) * others).mean()
