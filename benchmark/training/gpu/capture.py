"""One pass through a transformer captured as CUDA graphs, one forward and one
backward, and compared with the plain pass before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from benchmark.contracts.handles import Network
from benchmark.training.cuda import UNDISTURBED, strict
from benchmark.training.gpu.graphs import Pass

LARGEST_DIFFERENCE = 0.05
"""Between a captured and the plain pass, as a share of the size of either's outputs and
gradients: far above the rounding of bfloat16, far below what other dropout changes.
"""


class NotCapturedError(Exception):
    """A captured pass does not give what the plain one gives."""


class Embedding(nn.Module):
    """A network's embedding as a module of tensors alone, which is what is captured."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Embed a batch, (B, D)."""
        embedded: Tensor = self.network.embed({"input_ids": input_ids, "attention_mask": attention_mask})
        return embedded


def new_pool(device: torch.device) -> Any:
    """Give the memory that the graphs of one network share: one of them runs a step."""
    return torch.cuda.graph_pool_handle()


def captured(network: Network, input_ids: Tensor, attention_mask: Tensor, pool: Any) -> Pass:
    """Capture the embedding of batches of one shape in training mode.

    Weights, gradients and random streams stay as they are. What cannot be captured, or
    gives something else than the plain pass, raises an exception, after which plain
    passes work.
    """
    device = input_ids.device
    with UNDISTURBED, _as_before(device), strict(device):
        # The graph copies each batch into these tensors, so that they must be its own.
        sample = input_ids.clone(), attention_mask.clone()
        graphed: Pass = torch.cuda.make_graphed_callables(  # type: ignore[assignment]
            Embedding(network), sample, allow_unused_input=True, pool=pool
        )
        compare(network, graphed, input_ids, attention_mask)
    return graphed


def compare(network: Network, graphed: Pass, input_ids: Tensor, attention_mask: Tensor) -> None:
    """Raise a NotCapturedError unless both passes give the same outputs and gradients
    and draw equally often.
    """
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    found = []
    for embed in (Embedding(network), graphed):
        with torch.random.fork_rng(_devices(input_ids.device)):
            torch.manual_seed(0)
            embedded = embed(input_ids, attention_mask)
            gradients = torch.autograd.grad(embedded.square().mean(), weights, allow_unused=True)
            state = _random_state(input_ids.device)
        found.append(([embedded.detach().clone()], [g.clone() for g in gradients if g is not None], state))
    (plain, plain_gradients, plain_state), (other, other_gradients, other_state) = found
    if not torch.equal(plain_state, other_state):
        raise NotCapturedError("it draws random numbers another number of times than the plain pass")
    for one, two in ((plain, other), (plain_gradients, other_gradients)):
        apart = _norm([a - b for a, b in zip(one, two, strict=True)])
        # A difference that is no number is too large, too.
        if not bool(apart <= LARGEST_DIFFERENCE * _norm(one)):
            raise NotCapturedError("it gives other numbers than the plain pass")


def _norm(parts: list[Tensor]) -> Tensor:
    """The length of all parts as one vector."""
    length: Tensor = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(part) for part in parts]))
    return length


@contextmanager
def _as_before(device: torch.device) -> Iterator[None]:
    """Leave torch's stream of work and its random streams as they were, even where a
    capture ends in an error.
    """
    with torch.random.fork_rng(_devices(device)), torch.cuda.stream(torch.cuda.current_stream(device)):
        try:
            yield
        except Exception:
            # A generator that a capture was cut short in refuses to draw for plain passes.
            fresh = torch.Generator(device)
            torch.cuda.default_generators[_devices(device)[0]].graphsafe_set_state(fresh)
            raise


def _devices(device: torch.device) -> list[int]:
    if device.type != "cuda":
        return []
    return [torch.cuda.current_device() if device.index is None else device.index]


def _random_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()
