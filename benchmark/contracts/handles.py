"""What passes through a trainer: networks, encoded texts and counts of passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from benchmark.contracts.arrays import LabelArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Encoded: TypeAlias = "Tensor | Mapping[str, Tensor]"
"""A batch as the networks take it: features (B, D), or token ids and their mask."""

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
"""Numbers of any floating type."""

MethodState: TypeAlias = Any
"""What a method's `start` returns. Only the method itself reads it."""

Stream: TypeAlias = Callable[[], AbstractContextManager[None]]
"""A torch random stream: draws within `with stream(): …` are its next ones."""

DeclaredInput: TypeAlias = Any
"""What a need stands for: a number, an array or texts, as `NoisyView` says of each."""


class Network(Protocol):
    """A torch module that embeds and classifies texts."""

    def embed(self, encoded: Encoded, /) -> Tensor:
        """Give the embeddings (B, D) of a batch."""

    def classify(self, embedding: Tensor, /) -> Tensor:
        """Give the logits (B, C) of embeddings (B, D)."""

    def represent(self, encoded: Encoded, /) -> Tensor:
        """Give the representations (B, D) that the encoder has before any training."""

    def train(self, mode: bool = True) -> Network:
        """Set the training mode, in which dropout is on."""

    def eval(self) -> Network:
        """Set the evaluation mode, in which dropout is off."""

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """Give the weights."""

    def state_dict(self) -> dict[str, Tensor]:
        """Give the weights by name."""

    def load_state_dict(self, state_dict: Mapping[str, Tensor]) -> object:
        """Take over weights by name."""


class EncodedTexts(Protocol):
    """The encoded texts of one split."""

    def __len__(self) -> int: ...

    def lengths(self) -> npt.NDArray[np.int64] | None:
        """Give the tokens of each text, or None where every text costs the same."""

    def batch(self, rows: LabelArray, device: torch.device) -> Encoded:
        """Give the chosen rows as the networks take them."""


class PassCounts(Protocol):
    """The costs of a trial so far."""

    @property
    def seconds(self) -> dict[str, float]:
        """The seconds by phase."""

    @property
    def forward_texts(self) -> int:
        """The forward passes, in texts times networks."""

    @property
    def backward_texts(self) -> int:
        """The backward passes, in texts times networks."""

    def wall_s(self, passed_s: float) -> float:
        """Give the seconds of the trial by itself, from those that have passed."""
