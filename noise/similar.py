"""Class-similarity noise: every class is mistaken for the one that it resembles
most.
"""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._citations import PATRINI_2017
from noise._part_dependent import unit_length
from noise._targets import flipped_to


@register_noise
class Similar(NoiseModel):
    """P(ỹ = s(y) | y) = rate, s(k) = argmax over j ≠ k of cos(μ_k - m, μ_j - m), μ:
    class means, m: their mean.

    The means are those of the training split, and their unweighted mean is taken off
    them: centred by examples, large classes would lie opposite each other and resemble
    the rarest class alone (on TREC all five resemble ABBR). The features are those of
    `instance`: TF-IDF reduced to 256 whitened directions. s is a function, one class
    for each, the same for all splits, rates and seeds; two classes may share their
    target. Counts are exact by class. After the class-similarity flips of Patrini et
    al., CVPR 2017, arXiv:1609.03683, who choose the pairs by hand.
    """

    name = "similar"
    family = "class-dependent"
    citation = PATRINI_2017
    reads_features = True
    learns_from_training = True
    rate: NoiseRate

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), whose sets are nested across rates."""
        learned = inputs.training_inputs()
        # Rows are added up in the order of their hashes: the last bits must not depend on their order in the file.
        order = np.argsort(learned.draws.uniform("order"), kind="stable")
        means = class_means(self.require(learned.features, "features"), learned.clean_labels, order, inputs.num_classes)
        return flipped_to(inputs, self.rate, most_similar(means))

    def rate_bound(self, num_classes: int) -> float:
        """Give one half, where a class and its target are equally likely."""
        return 0.5


def class_means(features: FloatArray, labels: LabelArray, order: LabelArray, num_classes: int) -> FloatArray:
    """Give the mean feature of each class, float64 (C, F), added up in the given order.

    A class without examples has NaN.
    """
    means = np.full((num_classes, features.shape[1]), np.nan)
    for k in np.unique(labels):
        means[k] = features[order[labels[order] == k]].mean(axis=0)
    return means


def most_similar(means: FloatArray) -> LabelArray:
    """Give for each class the other one of largest cosine about the mean of means,
    int64 (C,).

    At a tie it is the lowest number. A class without a mean resembles none: it keeps
    its labels, and no class becomes it.

    >>> means = np.array([[4.0, 0.0], [3.0, 1.0], [0.0, 2.0], [np.nan, np.nan]])
    >>> most_similar(means).tolist()
    [1, 0, 1, 3]
    """
    present = ~np.isnan(means).any(axis=1)
    means = means - means[present].sum(axis=0) / max(int(present.sum()), 1)
    directions = unit_length(means)
    cosines = np.nan_to_num(directions @ directions.T, nan=-np.inf)
    np.fill_diagonal(cosines, -np.inf)
    found = cosines.argmax(axis=1)
    return np.where(np.isfinite(cosines.max(axis=1)), found, np.arange(len(means))).astype(np.int64)
