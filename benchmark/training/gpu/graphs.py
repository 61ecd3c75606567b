"""The first pass of each step through a captured graph, where there is one for the
batch's shape.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmark.contracts import LabelArray
from benchmark.contracts.handles import Encoded, Network

Shape = tuple[int, int]
"""Texts and tokens of a batch."""

Pass = Callable[[Tensor, Tensor], Tensor]
"""From token ids and their mask, both (B, T), to embeddings (B, D)."""

State = tuple[tuple[int, bool], ...]
"""Where each weight lies, and whether it trains."""

Capture = Callable[[Network, Tensor, Tensor, Any], Pass]

SWITCH = "BENCHMARK_CUDA_GRAPHS"
"""Set to 0, no pass is captured."""

STEPS_WORTH_A_CAPTURE = 20
"""Steps of a training that a shape must have: a capture takes as long as some ten plain
steps.
"""


class PlainPassNeededError(Exception):
    """A captured pass was used as only a plain one can be; the training must begin
    anew without graphs.
    """


@dataclass(frozen=True)
class _Graph:
    run: Pass
    state: State | None


class StepGraphs:
    """Passes through networks, by a graph or plainly.

    A graph keeps what its backward pass needs in memory of its own, which its next
    forward pass overwrites. So it serves one pass a step, and one backward pass, which
    is the trainer's.
    """

    def __init__(self) -> None:
        self._graphs: dict[tuple[int, Shape], _Graph] = {}
        self._used: set[int] = set()
        self._step = 0
        self._descending = False

    def add(self, number: int, network: Network, input_ids: Tensor, run: Pass) -> None:
        """Let network number `number` embed batches of the shape of `input_ids` by
        `run`.
        """
        self._graphs[number, _shape(input_ids)] = _Graph(run, _state(network))

    def __len__(self) -> int:
        return len(self._graphs)

    def clear(self) -> None:
        """Forget all graphs; every pass is plain from then on."""
        self._graphs.clear()

    def forward(self, number: int, network: Network, encoded: Encoded) -> Tensor:
        """Give the embeddings (B, D) of a batch by network number `number`.

        The second pass of a step, a pass that somebody watches, and one in another mode
        or over other weights than were captured are plain.
        """
        graph = self._graph(number, network, encoded)
        if graph is None or not isinstance(encoded, Mapping):
            return network.embed(encoded)
        self._used.add(number)
        embedded: Tensor = _Once.apply(graph.run(encoded["input_ids"], encoded["attention_mask"]), self)  # type: ignore[no-untyped-call]
        return embedded

    def begin_step(self) -> None:
        """Let every graph serve once more."""
        self._used.clear()
        self._step += 1

    @contextmanager
    def descending(self) -> Iterator[None]:
        """Allow backward passes through graphs inside the block."""
        self._descending = True
        try:
            yield
        finally:
            self._descending = False

    @property
    def step(self) -> int:
        """The number of the step."""
        return self._step

    def allow(self, step: int) -> None:
        """Raise a PlainPassNeededError for a backward pass that a graph cannot make.

        `step` is that of the forward pass. A graph makes the backward pass of the step
        that runs, called by the trainer, once and without a graph of its own.
        """
        if not self._descending or step != self._step or torch.is_grad_enabled():
            raise PlainPassNeededError("the method makes a backward pass of its own through the encoder")

    def _graph(self, number: int, network: Network, encoded: Encoded) -> _Graph | None:
        if not isinstance(encoded, Mapping) or number in self._used:
            return None
        ids = encoded["input_ids"]
        graph = self._graphs.get((number, _shape(ids)))
        plain = (
            graph is None
            or not torch.is_grad_enabled()
            or torch.is_autocast_enabled(ids.device.type)
            or (state := _state(network)) is None
            or state != graph.state
        )
        return None if plain else graph


class _Once(torch.autograd.Function):
    """Passes on a copy of a graph's output, which the graph's next pass leaves alone,
    and lets one backward pass through.
    """

    @staticmethod
    def forward(context: Any, output: Tensor, graphs: StepGraphs) -> Tensor:
        context.graphs, context.step, context.passed = graphs, graphs.step, False
        return output.clone()

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        context.graphs.allow(context.step)
        if context.passed:
            raise PlainPassNeededError("the method makes two backward passes through one pass of the encoder")
        context.passed = True
        return gradient, None


def are_wanted() -> bool:
    """Say whether passes may be captured: the environment can forbid it."""
    return os.environ.get(SWITCH, "1") != "0"


def worth_a_capture(batches: Sequence[LabelArray], width: Callable[[LabelArray], int]) -> list[LabelArray]:
    """Give one batch of each shape that has steps enough, the widest first, so that the
    graphs of narrower ones fit into its memory.
    """
    shapes = [(len(rows), width(rows)) for rows in batches]
    counts = Counter(shapes)
    first: dict[Shape, LabelArray] = {}
    for shape, rows in zip(shapes, batches, strict=True):
        if counts[shape] >= STEPS_WORTH_A_CAPTURE:
            first.setdefault(shape, rows)
    return [first[shape] for shape in sorted(first, key=lambda shape: -shape[0] * shape[1])]


def _shape(ids: Tensor) -> Shape:
    return ids.shape[0], ids.shape[1]


def _state(network: Any) -> State | None:
    """What a graph of a network holds for: where its weights lie, and which of them
    train. None where a layer has hooks, which a graph does not call, or evaluates.
    """
    found = []
    for module in network.modules():
        before = module._forward_pre_hooks or module._backward_pre_hooks
        hooks = before or module._forward_hooks or module._backward_hooks
        if hooks or not module.training:
            return None
        found += [(one.data_ptr(), one.requires_grad) for one in module._parameters.values() if one is not None]
    return tuple(found)
