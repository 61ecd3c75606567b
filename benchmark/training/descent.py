"""A step down a loss: gradients, clipping, optimiser."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmark.contracts.handles import Network
from benchmark.training.cuda import strict
from benchmark.training.gpu.graphs import StepGraphs
from benchmark.training.recipes import Recipe


class Descent:
    """The optimiser of a training: one for all of its networks, fused on every
    device.
    """

    def __init__(self, networks: Sequence[Network], recipe: Recipe, device: torch.device) -> None:
        self._networks = networks
        self._clip_norm = recipe.clip_norm
        self._device = device
        # Each group of an optimiser costs a launch, so that weights which decay alike are one group.
        by_decay: dict[float, list[torch.nn.Parameter]] = {}
        for network in networks:
            for p in network.parameters():
                if p.requires_grad:
                    by_decay.setdefault(recipe.weight_decay if p.ndim > 1 else 0.0, []).append(p)
        groups = [{"params": parameters, "weight_decay": decay} for decay, parameters in by_decay.items()]
        self._optimiser = torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=True)

    def step(self, loss: Tensor, learning_rate: float, graphs: StepGraphs) -> None:
        """Descend the loss once; each network's gradient is clipped on its own."""
        self._optimiser.zero_grad(set_to_none=True)
        with strict(self._device), graphs.descending():
            loss.backward()  # type: ignore[no-untyped-call]
        if self._clip_norm is not None:
            for network in self._networks:
                torch.nn.utils.clip_grad_norm_(network.parameters(), self._clip_norm)
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate
        self._optimiser.step()
