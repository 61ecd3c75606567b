"""NMTune: a head whose embeddings are regularised beside the encoder's features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import GradientMethod, NoisyView, Trainer, at_least, register

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class NMTune(GradientMethod):
    """Cross-entropy with three regularisers of the embeddings g that a head makes of
    the encoder's features h.

    L = CE + a mean_ij (cos(g_i, g_j) - cos(h_i, h_j))² + b (1/D) Σ_{r≠s} Cov(g)_rs²
    - c mean of the `top` largest σ / Σσ, where σ are the singular values of a batch's
    g; a is `consistency`, b `covariance` and c `singular`.
    The first term keeps what pre-training knows, the second spreads g over its D
    dimensions, and the third strengthens its main directions. The features h are
    those before any training. Chen et al., ICLR 2024, arXiv:2309.17002; weights as in
    the authors' code.
    """

    name = "nmtune"
    family = "regularisation"
    citation = """@inproceedings{chen2024nmtune,
  title = {Understanding and Mitigating the Label Noise in Pre-training on Downstream Tasks},
  author = {Chen, Hao and Wang, Jindong and Shah, Ankit and Tao, Ran and Wei, Hongxin and Xie, Xing and
            Sugiyama, Masashi and Raj, Bhiksha},
  booktitle = {International Conference on Learning Representations}, year = {2024}}"""
    departures = (
        "The paper is about wrong labels of pre-training; here its head learns from noisy labels of the task.",
        "The head's embeddings may have another width than the features, so cosines between the texts of a batch are "
        "compared; the authors compare the normalised vectors themselves.",
        "Both sides of the first term see the same text; the authors set a strongly augmented image against a weakly "
        "augmented one.",
        "A fine-tuned encoder trains along; the authors keep every encoder fixed.",
    )

    consistency: Annotated[float, at_least(0)] = 1.0
    covariance: Annotated[float, at_least(0)] = 0.04
    singular: Annotated[float, at_least(0)] = 0.001
    top: Annotated[int, at_least(1)] = 5

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """Give the features of the training texts at unit length, float32 (N, D)."""
        import torch

        features = torch.from_numpy(trainer.frozen_embeddings()).to(trainer.device)
        return torch.nn.functional.normalize(features, dim=-1)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy and the regularisers of one network."""
        embeddings = batch.embeddings[0].float()
        return (
            batch.losses.mean()
            + self.consistency * consistency(embeddings, batch.state[batch.rows])
            + self.covariance * covariance(embeddings)
            - self.singular * singular_share(embeddings, self.top)
        )


def consistency(embeddings: Tensor, unit_features: Tensor) -> Tensor:
    """Give the mean squared gap between cosines of (B, D) and of unit (B, F)."""
    from torch.nn.functional import normalize

    unit = normalize(embeddings, dim=-1)
    return (unit @ unit.mT - unit_features @ unit_features.mT).square().mean()


def covariance(embeddings: Tensor) -> Tensor:
    """Give the sum of squared covariances of two dimensions of (B, D), over D.

    One text has no covariance and gives 0.
    """
    centred = embeddings - embeddings.mean(0)
    matrix = centred.mT @ centred / max(len(embeddings) - 1, 1)
    total: Tensor = matrix.square().sum() - matrix.diagonal().square().sum()
    return total / embeddings.shape[1]


def singular_share(embeddings: Tensor, top: int) -> Tensor:
    """Give the mean of the largest singular values of (B, D) as shares of their sum."""
    import torch

    values = torch.linalg.svdvals(embeddings)
    shares: Tensor = values[:top] / values.sum().clamp_min(1e-12)
    return shares.mean()
