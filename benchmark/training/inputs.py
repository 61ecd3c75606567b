"""Encoded texts: fixed features or token ids, memory-mapped, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmark.contracts import LabelArray, generator
from benchmark.contracts.handles import Encoded, EncodedTexts
from benchmark.training.cuda import on_device
from benchmark.training.gpu.widths import few_widths, padded_width

SORTING_POOL = 32
"""Training batches of similar length are cut from pools of so many batches."""


class Inputs(EncodedTexts, Protocol):
    """Encoded texts of one split, of which rows can be chosen."""

    def subset(self, rows: LabelArray) -> Inputs:
        """The chosen rows as inputs of their own, without a copy of the data."""


@dataclass(frozen=True)
class FeatureInputs:
    """Fixed features, float32, (N, D) on disk.

    `chosen` maps rows of this view to rows on disk.
    """

    features: npt.NDArray[np.float32]
    chosen: LabelArray

    def __post_init__(self) -> None:
        # A plain view of the mapped memory: rows of numpy's own class for it are several times slower to take.
        object.__setattr__(self, "features", np.asarray(self.features))

    def __len__(self) -> int:
        return len(self.chosen)

    def lengths(self) -> None:
        """None, since every text costs the same."""
        return

    def batch(self, rows: LabelArray, device: torch.device) -> Tensor:
        """Features, float32, (B, D)."""
        return on_device(self.features[self.chosen[rows]], device)

    def subset(self, rows: LabelArray) -> FeatureInputs:
        """The chosen rows, without a copy of the data."""
        return FeatureInputs(self.features, self.chosen[rows])


@dataclass(frozen=True)
class TokenInputs:
    """Token ids of all texts one after another, with the places where each begins.

    `padding` fills a batch.
    """

    tokens: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    padding: int
    chosen: LabelArray

    def __len__(self) -> int:
        return len(self.chosen)

    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens a text, (N,)."""
        lengths: npt.NDArray[np.int64] = np.diff(self.starts)[self.chosen]
        return lengths

    def width(self, rows: LabelArray, device: torch.device) -> int:
        """Tokens to which a batch of these rows is padded: those of its longest text,
        on a GPU the next of few widths.
        """
        chosen = self.chosen[rows]
        return self._padded(int((self.starts[chosen + 1] - self.starts[chosen]).max()), device)

    def _padded(self, longest: int, device: torch.device) -> int:
        return padded_width(longest, self._most) if few_widths(device) else longest

    @cached_property
    def _most(self) -> int:
        """Tokens of the longest text of the split, chosen or not."""
        return int(np.diff(self.starts).max())

    def batch(self, rows: LabelArray, device: torch.device) -> dict[str, Tensor]:
        """`input_ids` and `attention_mask`, int64, (B, width of the batch)."""
        texts = [self.tokens[self.starts[i] : self.starts[i + 1]] for i in self.chosen[rows]]
        ids = np.full((len(texts), self._padded(max(map(len, texts)), device)), self.padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        return {
            "input_ids": on_device(ids, device),
            "attention_mask": on_device(mask, device),
        }

    def subset(self, rows: LabelArray) -> TokenInputs:
        """The chosen rows, without a copy of the data."""
        return TokenInputs(self.tokens, self.starts, self.padding, self.chosen[rows])


def batch_size(encoded: Encoded) -> int:
    """Texts in an encoded batch."""
    return len(encoded["input_ids"]) if isinstance(encoded, Mapping) else len(encoded)


def rows_of(encoded: Encoded, chosen: Tensor) -> Encoded:
    """The chosen texts of an encoded batch, by their places in it."""
    return (
        {name: values[chosen] for name, values in encoded.items()} if isinstance(encoded, Mapping) else encoded[chosen]
    )


def training_batches(
    inputs: EncodedTexts, rows: LabelArray, batch_size: int, epoch: int, seed_parts: tuple[str | int, ...]
) -> list[LabelArray]:
    """Give the row numbers of one epoch's batches, shuffled by named seed.

    Batches of tokens hold texts of similar length. The batches are the same for every
    method of a cell, since only names, the epoch and the texts' lengths enter.
    """
    order = generator(*seed_parts, "order", epoch)
    shuffled = rows[order.permutation(len(rows))]
    lengths = inputs.lengths()
    if lengths is None:
        return [shuffled[i : i + batch_size] for i in range(0, len(shuffled), batch_size)]
    pool = SORTING_POOL * batch_size
    batches = []
    for start in range(0, len(shuffled), pool):
        part = shuffled[start : start + pool]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    return [batches[i] for i in order.permutation(len(batches))]


def evaluation_batches(
    inputs: EncodedTexts, tokens_a_batch: int = 4_096, rows_a_batch: int = 2_048
) -> Iterator[LabelArray]:
    """Give the row numbers of large batches for inference, longest texts first.

    Batches are bounded by padded tokens and by rows.
    """
    lengths = inputs.lengths()
    if lengths is None:
        for start in range(0, len(inputs), rows_a_batch):
            yield np.arange(start, min(start + rows_a_batch, len(inputs)))
        return
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        width = max(1, int(lengths[order[start]]))
        count = min(rows_a_batch, max(1, tokens_a_batch // width))
        yield order[start : start + count]
        start += count
