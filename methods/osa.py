"""One-step anti-noise weights: how alike a text and the name of its label are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts import GradientMethod, LabelArray, Need, NoisyView, Trainer, Within, above, register
from benchmark.contracts.arrays import FloatArray, at_labels

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class OneStepAntiNoise(GradientMethod):
    """Examples weigh by how near their text is to the name of its noisy label, as the
    encoder sees both before any training.

    L = mean_i w_i CE(p_i, ỹ_i), s_i = (cos(h_i, h(name of ỹ_i)) - b) / c, cut to
    [0, 1], and w is s to the power `exponent` for `linear`, s² (1 - s²) for `authors`.
    The boundary b is the mean cosine of texts with the names of all other classes,
    and c is the `percentile` of what exceeds it. Li et al., arXiv:2410.01944, whose
    weights come from images and their captions.

    It needs names that say what the classes are, as those of AG News. There it forgets
    less by the end of a training on flipped labels, and does not beat a cross-entropy
    stopped by noisy validation labels. Under clean labels it loses, as it weighs right
    labels by how plain they are. Where the names are abbreviations, as those of TREC,
    it throws away what is needed and falls below cross-entropy throughout.
    """

    name = "osa"
    family = "sample reweighting"
    citation = """@misc{li2024osa,
  title = {One-Step Noisy Label Mitigation},
  author = {Li, Hao and Gu, Jiayang and Song, Jingkuan and Zhang, An and Gao, Lianli},
  year = {2024}, eprint = {2410.01944}, archiveprefix = {arXiv}}"""
    departures = (
        "Names of classes stand for captions and cross-entropy for the contrastive loss.",
        "The estimator is the trial's own encoder before training; the authors take a model that was trained on pairs.",
        "The boundary is a mean over texts and other classes; the authors feed random pixels and random words.",
        "c is a percentile of the training set; the authors divide by the largest value of each batch, so that a "
        "weight depends on the batch.",
        "Weights grow with the likeness; the authors' s² (1 - s²) gives the best pair of each batch no weight. It is "
        "kept as a variant.",
        "Where no text is nearer to the name of its label than b, all weigh 1; the authors' code gives no number.",
    )

    form: Literal["linear", "authors"] = "linear"
    percentile: Annotated[float, Within(0, 100, "(]")] = 99.0
    exponent: Annotated[float, above(0)] = 1.0
    boundary: Annotated[float | None, Within(-1, 1)] = None

    def needs(self) -> frozenset[Need]:
        """Declare the names of the classes."""
        return frozenset({Need.LABEL_NAMES})

    def start(self, view: NoisyView, trainer: Trainer) -> Tensor:
        """Give the weights of the training texts, float32 (N,)."""
        import torch

        likeness = cosines(trainer.frozen_embeddings(), trainer.frozen_embeddings("label_names"))
        weights = self.weights(likeness, view.train.noisy_labels)
        return torch.from_numpy(weights.astype(np.float32)).to(trainer.device)

    def weights(self, likeness: FloatArray, noisy_labels: LabelArray) -> FloatArray:
        """Give w (N,) from cosines of texts and names of classes (N, C)."""
        own = at_labels(likeness, noisy_labels)
        others = (likeness.sum() - own.sum()) / max(likeness.size - len(own), 1)
        excess = np.maximum(own - (others if self.boundary is None else self.boundary), 0.0)
        positive = excess[excess > 0]
        if not len(positive):
            return np.ones(len(own))
        s = np.minimum(excess / np.percentile(positive, self.percentile), 1.0)
        return np.asarray(s**self.exponent if self.form == "linear" else s**2 * (1 - s**2), dtype=np.float64)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean of the weighted cross-entropy."""
        weighted: Tensor = batch.state[batch.rows] * batch.losses
        return weighted.mean()


def cosines(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> FloatArray:
    """Give the cosines of each row of (N, D) with each of (C, D), (N, C)."""
    a, b = (
        rows.astype(np.float64) / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        for rows in (first, second)
    )
    return np.asarray(a @ b.T)
