"""One training of the harness's head on fixed features, kept at every point."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from benchmark.audit.progress import Progress, silent
from benchmark.contracts import LabelArray, Network
from benchmark.contracts.arrays import FloatArray
from benchmark.training.encoders.names import encoder_from
from benchmark.training.recipes import FROZEN

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch

Features = npt.NDArray[np.float32]
Loss = Literal["cross_entropy", "generalized"]

EXPONENT = 0.7
EXPONENT_OF_MANY_CLASSES = 0.4
MANY_CLASSES = 20
"""From so many classes on, a generalized cross-entropy near the mean absolute error
hardly starts.
"""


@dataclass(frozen=True)
class Trajectory:
    """The networks of one training at its points.

    Outputs are computed when asked for, a chunk of rows at a time, since those of all
    rows and points may not fit into memory.
    """

    networks: tuple[Network, ...]

    def logits(self, features: Features) -> npt.NDArray[np.float32]:
        """Give the logits at each point, (E, n, C), of rows with these features, (n,
        D).
        """
        import torch

        with torch.inference_mode():
            encoded = torch.from_numpy(np.ascontiguousarray(features))
            return np.stack([net.classify(net.embed(encoded)).numpy() for net in self.networks])

    def mean_probabilities(self, features: Features) -> FloatArray:
        """Give the mean over the points of the class probabilities, (n, C)."""
        import torch

        with torch.inference_mode():
            encoded = torch.from_numpy(np.ascontiguousarray(features))
            total = sum(torch.softmax(net.classify(net.embed(encoded)), dim=1) for net in self.networks)
        return np.asarray(total, dtype=np.float64) / len(self.networks)


def train_head(
    features: Features, labels: LabelArray, num_classes: int, loss: Loss, seed: int, progress: Progress = silent
) -> Trajectory:
    """Train the head of frozen encoders on all rows, by the recipe of a trial.

    Parameters
    ----------
    features : float32 (N, D).
    labels : the given labels, int64 (N,), in [0, C).
    num_classes : C.
    loss : `cross_entropy`, or `generalized` cross-entropy (Zhang & Sabuncu, NeurIPS
        2018, arXiv:1805.07836), which trusts labels less that the network does not
        believe.
    seed : names the weights, the batches and the dropout.
    progress : is told which share of the training is done.

    Returns
    -------
    The networks at the twenty points of the recipe, five of them in the first epoch.
    """
    from benchmark.training.inputs import FeatureInputs
    from benchmark.training.trainer import TrialTrainer

    trainer = TrialTrainer(
        encoder=encoder_from("frozen:minilm"),
        recipe=FROZEN,
        num_classes=num_classes,
        inputs={"train": FeatureInputs(features, np.arange(len(features)))},
        noisy_labels=labels,
        shared_seed=("audit", loss, seed),
        own_seed=("audit", loss, seed, "own"),
    )
    networks, kept = trainer.networks(1), []
    for point in trainer.train(networks, _loss(loss, num_classes)):
        kept.append(copy.deepcopy(networks[0]).eval())
        progress(point.fraction)
    return Trajectory(tuple(kept))


def _loss(name: Loss, num_classes: int) -> Callable[[TrainBatch], Tensor | None]:
    from torch.nn.functional import cross_entropy

    exponent = EXPONENT if num_classes < MANY_CLASSES else EXPONENT_OF_MANY_CLASSES

    def plain(batch: TrainBatch) -> Tensor | None:
        return cross_entropy(batch.logits[0], batch.noisy_labels)

    def generalized(batch: TrainBatch) -> Tensor | None:
        believed = batch.probabilities[0].gather(1, batch.noisy_labels[:, None]).clamp_min(1e-7)
        return ((1.0 - believed**exponent) / exponent).mean()

    return plain if name == "cross_entropy" else generalized
