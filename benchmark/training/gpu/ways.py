"""How the steps of a trial are made fast on its device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from benchmark.contracts import LabelArray
from benchmark.contracts.handles import EncodedTexts, Network
from benchmark.training.encoders.networks import TransformerClassifier
from benchmark.training.gpu.capture import captured, new_pool
from benchmark.training.gpu.graphs import Capture, PlainPassNeededError, StepGraphs, are_wanted, worth_a_capture
from benchmark.training.inputs import TokenInputs

LONGEST_REASON = 120

Trained = TypeVar("Trained")


@dataclass
class Ways:
    """What is used beyond plain steps.

    Parameters
    ----------
    ahead : a thread makes batches ahead.
    capture : captures the first pass of a step; None where all passes are plain.
    new_pool : gives the memory of one network's graphs.
    """

    ahead: bool = False
    capture: Capture | None = None
    new_pool: Callable[[torch.device], Any] = new_pool
    trouble: str = ""
    """Why passes are plain although they were to be captured."""

    _made: list[StepGraphs] = field(default_factory=list)

    @classmethod
    def on(cls, device: torch.device) -> Ways:
        """Give the ways of a device: none on a CPU."""
        if device.type != "cuda":
            return cls()
        return cls(ahead=True, capture=captured if are_wanted() else None)

    def without_graphs(self, trouble: str) -> Ways:
        """Give the same ways with plain passes, and say why."""
        return Ways(ahead=self.ahead, trouble=_short(trouble))

    def graphs(
        self,
        networks: Sequence[Network],
        inputs: EncodedTexts,
        batches: Callable[[], Sequence[LabelArray]],
        device: torch.device,
    ) -> StepGraphs:
        """Capture, before a training's first step, the passes that it makes often.

        It is all of them or none. Where one cannot be captured, the trial goes on with
        plain passes.
        """
        graphs = StepGraphs()
        if self.capture is None or not isinstance(inputs, TokenInputs):
            return graphs
        self._made.append(graphs)
        often = worth_a_capture(batches(), lambda rows: inputs.width(rows, device))
        try:
            for number, network in enumerate(networks):
                if not _can_be_captured(network):
                    continue
                pool = self.new_pool(device)
                for rows in often:
                    sample = inputs.batch(rows, device)
                    ids, mask = sample["input_ids"], sample["attention_mask"]
                    graphs.add(number, network, ids, self.capture(network, ids, mask, pool))
        except Exception as error:  # whatever it is, plain passes do without
            self.capture, self.trouble = None, _short(f"{type(error).__name__}: {error}")
            for one in self._made:
                one.clear()
        return graphs


def plainly_if_needed(device: str, train: Callable[[Ways | None], Trained]) -> Trained:
    """Call `train` with None, by which it uses the ways of the device, and give what it
    gives.

    Where a captured pass cannot serve what the method does, `train` is called once
    more, with ways of plain passes, and trains from the beginning.
    """
    try:
        return train(None)
    except PlainPassNeededError as error:
        why = str(error)
    return train(Ways.on(torch.device(device)).without_graphs(why))


def _can_be_captured(network: Any) -> bool:
    return isinstance(network, TransformerClassifier) and network.takes_ready_masks


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
