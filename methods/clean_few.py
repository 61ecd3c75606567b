"""Plain training on a few clean labels a class."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from benchmark.contracts import LabelArray, MethodState, NoisyView, Trainer, Within, register
from methods.shared.clean_labels import CleanLabelMethod, clean_labels


@register
class CleanFew(CleanLabelMethod):
    """CE(p, y) on k texts a class, drawn at random, with their clean labels; all noisy
    labels are thrown away.

    What a practitioner could buy instead of a method: 10 labels a class by default. An
    epoch goes through the few texts again and again, in as many steps as one through
    the whole training set, so that the cost is cross_entropy's.
    """

    name = "clean_few"
    family = "oracle bound"

    labels_a_class: Annotated[int, Within(1, "train_rows")] = 10

    def training_rows(self, view: NoisyView, trainer: Trainer, state: MethodState) -> LabelArray:
        """Give the texts drawn, repeated to the length of the training set.

        A class with fewer texts gives all that it has.
        """
        clean = clean_labels(view)
        shuffled = trainer.generator("bought labels").permutation(len(clean))
        bought = [shuffled[clean[shuffled] == label][: self.labels_a_class] for label in range(view.num_classes)]
        return np.resize(np.concatenate(bought), len(clean))
