"""What a loss sees: one training batch through K networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from benchmark.contracts.batch import at_labels, label_losses
from benchmark.contracts.handles import Encoded, MethodState, Network
from benchmark.training.gpu.graphs import StepGraphs
from benchmark.training.inputs import rows_of


@dataclass(frozen=True)
class TrainBatch:
    """One training batch.

    What is computed with the networks is computed when it is first asked for. `rows`
    are int64 (B,), row numbers in the training set. `noisy_labels` are int64 (B,).
    `step` counts from 0, of `total_steps`. `state` is what the method's `start` made.
    The first pass over the whole batch goes by `graphs` where there is one for it.
    """

    encoded: Encoded
    rows: Tensor
    noisy_labels: Tensor
    networks: Sequence[Network]
    streams: Sequence[Callable[[], AbstractContextManager[None]]]
    epoch: int
    step: int
    total_steps: int
    state: MethodState
    graphs: StepGraphs = field(default_factory=StepGraphs, repr=False, compare=False)

    @property
    def progress(self) -> float:
        """Share of the training's steps done before this one, in [0, 1)."""
        return self.step / self.total_steps

    @cached_property
    def embeddings(self) -> Tensor:
        """The networks' embeddings, (K, B, D)."""
        return self._forward(self._first)

    @cached_property
    def logits(self) -> Tensor:
        """The networks' logits, (K, B, C)."""
        return self._forward(lambda k: self.networks[k].classify(self._first(k)))

    @cached_property
    def log_probabilities(self) -> Tensor:
        """Log softmax of the logits, (K, B, C)."""
        return functional.log_softmax(self.logits, dim=-1)

    @cached_property
    def probabilities(self) -> Tensor:
        """Softmax of the logits, (K, B, C)."""
        return torch.softmax(self.logits, dim=-1)

    @cached_property
    def label_probabilities(self) -> Tensor:
        """Probability of each example's noisy label, (K, B)."""
        return at_labels(self.probabilities, self.noisy_labels)

    @cached_property
    def losses(self) -> Tensor:
        """Cross-entropy of each example with its noisy label, (K, B)."""
        return label_losses(self.log_probabilities, self.noisy_labels)

    def classify(self, embeddings: Tensor) -> Tensor:
        """Logits (K, B, C) of embeddings (K, B, D), mixed or not."""
        return self._forward(lambda k: self.networks[k].classify(embeddings[k]))

    def second_view(self) -> Tensor:
        """Logits (K, B, C) of the same batch under fresh dropout."""
        return self._forward(lambda k: self.networks[k].classify(self.networks[k].embed(self.encoded)))

    def only(self, chosen: Tensor) -> TrainBatch:
        """Give the texts at the `chosen` places, int64 (U,), as a batch of their own.

        It is under fresh dropout.
        """
        return replace(
            self,
            encoded=rows_of(self.encoded, chosen),
            rows=self.rows[chosen],
            noisy_labels=self.noisy_labels[chosen],
            graphs=StepGraphs(),
        )

    def evaluated(self) -> Tensor:
        """Probabilities (K, B, C) in evaluation mode, without gradient."""
        outputs = []
        with torch.no_grad():
            for network in self.networks:
                network.eval()
                outputs.append(torch.softmax(network.classify(network.embed(self.encoded)), dim=-1))
                network.train()
        return torch.stack(outputs)

    def _first(self, number: int) -> Tensor:
        """Embeddings (B, D) of the whole batch by network number `number`.

        A captured graph makes them, where one is there and was not used in this step.
        """
        return self.graphs.forward(number, self.networks[number], self.encoded)

    def _forward(self, run: Callable[[int], Tensor]) -> Tensor:
        """Stack what `run` gives for each network's number, under that network's own
        dropout.
        """
        outputs = []
        for k, stream in zip(range(len(self.networks)), self.streams, strict=True):
            with stream():
                outputs.append(run(k))
        return torch.stack(outputs)
