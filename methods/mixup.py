"""Mixup: training on convex combinations of examples and of their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import GradientMethod, NoisyView, Trainer, above, register

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch
    from methods.shared.mixing import Mixing


@register
class Mixup(GradientMethod):
    """λ CE(p(m), ỹ) + (1 - λ) CE(p(m), ỹ_π), with m = λ h + (1 - λ) h_π.

    A batch has one λ ~ Beta(a, a) and one permutation π. λ is not folded to 1/2 or
    above. Between examples the network must be linear, which wrong labels are not.
    Zhang et al., ICLR 2018, arXiv:1710.09412, with a = 1 as in the authors' code.

    Text adaptation: h is the embedding that the classifier reads, since tokens cannot
    be mixed. Texts to be predicted are not mixed. The classifier is linear in h as it
    is, so that linearity between mixed h binds only the layer below, where mixed inputs
    would bind all layers. Over frozen features a = 1 therefore changes little. a = 8 or
    32, which the paper takes against corrupted labels, changes more.
    """

    name = "mixup"
    family = "regularisation"
    citation = """@inproceedings{zhang2018mixup,
  title = {mixup: Beyond Empirical Risk Minimization},
  author = {Zhang, Hongyi and Cisse, Moustapha and Dauphin, Yann N. and Lopez-Paz, David},
  booktitle = {Proceedings of ICLR}, year = {2018}}"""
    departures = ("Embeddings are mixed; the authors' code mixes the inputs, which are images.",)

    concentration: Annotated[float, above(0)] = 1.0

    def start(self, view: NoisyView, trainer: Trainer) -> np.random.Generator:
        """Give what λ and π are drawn from."""
        return trainer.generator("mixing")

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the cross-entropy of the mixed embeddings with both labels, weighted as
        the embeddings are.
        """
        from methods.shared.mixing import Mixing

        labels = batch.noisy_labels
        return mixed_loss(
            batch, Mixing.drawn(batch.state, len(labels), self.concentration, labels.device, folded=False)
        )


def mixed_loss(batch: TrainBatch, mixing: Mixing) -> Tensor:
    """Give the loss for one λ and one permutation of the batch."""
    from benchmark.contracts.batch import label_losses

    log_probabilities = batch.classify(mixing(batch.embeddings)).log_softmax(-1)
    own = label_losses(log_probabilities, batch.noisy_labels)
    others = label_losses(log_probabilities, batch.noisy_labels[mixing.partners])
    return (mixing.share * own + (1 - mixing.share) * others).mean()
