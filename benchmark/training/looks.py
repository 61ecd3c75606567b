"""Looks: all texts of some inputs through networks, each text once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

from benchmark.contracts import EmbeddingArray, Outputs, ProbabilityArray
from benchmark.contracts.handles import Encoded, EncodedTexts
from benchmark.training.inputs import evaluation_batches

INFERENCE_TOKENS = {"cpu": 1_024, "cuda": 65_536}
"""Padded tokens of an inference batch: on a CPU what fits a core's cache, which takes
half the time of 16,384, and on a GPU what fills it.
"""

Observe = Callable[[Encoded], Outputs]


@dataclass(frozen=True)
class KeptOutputs:
    """What networks show at one moment of a training, where `observe` shows a batch.

    The outputs of inputs that were looked at once are kept, so that one pass serves the
    method and the harness. Each of them gets arrays of its own, so that neither can
    change what the other reads.
    """

    observe: Observe
    kept: dict[int, tuple[EncodedTexts, Outputs]] = field(default_factory=dict)

    def __call__(self, encoded: Encoded) -> Outputs:
        """Show one batch."""
        return self.observe(encoded)

    def outputs(self, inputs: EncodedTexts, look: Callable[[], Outputs]) -> Outputs:
        """Give the kept outputs of the inputs, or those of a first look."""
        if id(inputs) not in self.kept:
            self.kept[id(inputs)] = inputs, look()
        return _copied(self.kept[id(inputs)][1])


def _copied(outputs: Outputs) -> Outputs:
    embedding = outputs.embedding
    return Outputs(outputs.probabilities.copy(), None if embedding is None else embedding.copy())


def look_at(inputs: EncodedTexts, observe: Observe, device: torch.device, check_time: Callable[[], None]) -> Outputs:
    """Give all rows of some inputs through `observe`, in large batches of texts of
    similar length, back in their own order.
    """
    probabilities: ProbabilityArray | None = None
    embeddings: EmbeddingArray | None = None
    for rows in evaluation_batches(inputs, INFERENCE_TOKENS[device.type]):
        check_time()
        seen = observe(inputs.batch(rows, device))
        if probabilities is None:
            probabilities = np.empty((len(inputs), *seen.probabilities.shape[1:]), dtype=np.float32)
            if seen.embedding is not None:
                embeddings = np.empty((len(inputs), *seen.embedding.shape[1:]), dtype=np.float16)
        probabilities[rows] = seen.probabilities
        if embeddings is not None and seen.embedding is not None:
            embeddings[rows] = seen.embedding
    if probabilities is None:
        raise ValueError("there are no texts to observe")
    return Outputs(probabilities, embeddings)
