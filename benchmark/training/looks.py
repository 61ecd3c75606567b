"""Looks: passes of all texts of some inputs through networks, without training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from benchmark.contracts import EmbeddingArray, Outputs, ProbabilityArray
from benchmark.contracts.handles import Encoded, EncodedTexts, Network
from benchmark.training.inputs import evaluation_batches

INFERENCE_TOKENS = {"cpu": 1_024, "cuda": 65_536}
"""Padded tokens of an inference batch: on a CPU what fits a core's cache, which takes
half the time of 16,384, and on a GPU what fills it.
"""

Observe = Callable[[Encoded], Outputs]
ByNetworks = Callable[[Sequence[Network], Encoded, bool], Outputs]


@dataclass(frozen=True)
class NetworkOutputs:
    """Gives the outputs of networks for a batch, with embeddings or without.

    `show` makes them.
    """

    networks: Sequence[Network]
    show: ByNetworks
    embedding: bool

    def __call__(self, encoded: Encoded) -> Outputs:
        """Give the outputs of one batch."""
        return self.show(self.networks, encoded, self.embedding)


def observed(networks: Sequence[Network], encoded: Encoded, embedding: bool = False) -> Outputs:
    """Give the outputs of one batch by the networks in evaluation mode."""
    probabilities, embeddings = [], []
    for network in networks:
        network.eval()
    with torch.inference_mode():
        for network in networks:
            embedded = network.embed(encoded)
            probabilities.append(torch.softmax(network.classify(embedded), dim=-1))
            if embedding:
                embeddings.append(embedded.half())
    for network in networks:
        network.train()
    stacked = torch.stack(probabilities, dim=1)
    return Outputs(stacked.cpu().numpy(), torch.stack(embeddings, dim=1).cpu().numpy() if embedding else None)


def networks_of(observe: Observe | None) -> Sequence[Network] | None:
    """Give the networks whose outputs `observe` gives, None where it gives others."""
    inner = observe.observe if isinstance(observe, KeptOutputs) else observe
    return inner.networks if isinstance(inner, NetworkOutputs) else None


@dataclass(frozen=True)
class KeptOutputs:
    """The outputs at one moment of a training, each split's made once.

    `observe` gives those of a batch. One pass over the same inputs serves the method
    and the harness. Each of them gets arrays of its own, so that neither can change
    what the other reads.
    """

    observe: Observe
    kept: dict[int, tuple[EncodedTexts, Outputs]] = field(default_factory=dict)

    def __call__(self, encoded: Encoded) -> Outputs:
        """Give the outputs of one batch."""
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
    """Pass all rows of some inputs through `observe` and give the outputs in the order
    of the rows.

    Batches are large and hold texts of similar length.
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
