"""The class that is most frequent among the noisy labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.contracts import Encoded, Method, NoisyView, Outputs, Point, Trainer, register


@register
class Majority(Method):
    """p_k = share of noisy training labels k, whatever the text: the most frequent
    class is predicted.

    Its accuracy is what a method reaches that has learned nothing. It is never ranked.
    """

    name = "majority"
    family = "control"
    control = True

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Yield one point; no text is looked at."""
        counts = np.bincount(view.train.noisy_labels, minlength=view.num_classes)
        shares = (counts / counts.sum()).astype(np.float32)

        def observe(encoded: Encoded) -> Outputs:
            return Outputs(np.tile(shares, (trainer.batch_size(encoded), 1, 1)))

        yield Point(fraction=1.0, observe=observe)
