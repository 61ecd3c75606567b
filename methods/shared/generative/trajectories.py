"""Trajectories: the embeddings of a text at all points of a training, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmark.contracts import EmbeddingArray, OutputHistory, Outputs

CHUNK_ROWS = 256
"""Texts that are read at a time where all are read."""

JOINED_BYTES = 2**29
"""A model that trains keeps standardised trajectories up to this size as one array."""


def embedding_of(outputs: Outputs) -> EmbeddingArray:
    """Give the embedding of some outputs, float16 (N, M, D), which trajectories cannot
    do without.
    """
    if outputs.embedding is None:
        raise ValueError("trajectories need embeddings; the harness kept none")
    embedding: EmbeddingArray = outputs.embedding
    return embedding


def trajectory_rows(seen: OutputHistory, rows: Any) -> Tensor:
    """Give the embeddings of some rows at all points side by side, float32 (M, B, E ·
    D).

    `rows`: a slice or int64 (B,). The points stay float16 arrays of their own.
    """
    parts = [torch.from_numpy(embedding_of(outputs)[rows]) for outputs in seen]
    return torch.cat(parts, dim=2).transpose(0, 1).float()


@dataclass(frozen=True)
class Standardiser:
    """w · scale + shift, both (M, 1, H): mean 0 and deviation 1/√H in each dimension of
    the training trajectories.

    The root of the length makes a step of the optimiser move a logit by the same amount
    whatever the length.
    """

    scale: Tensor
    shift: Tensor

    @classmethod
    def of(cls, seen: OutputHistory, device: torch.device) -> Standardiser:
        """Take the statistics of the training trajectories, in chunks."""
        count = len(embedding_of(seen[0]))
        mean: Any = sum(chunk.sum(1) for chunk in _chunks(seen)) / count
        square: Any = sum(chunk.sub_(mean.unsqueeze(1)).square_().sum(1) for chunk in _chunks(seen)) / count
        scale = 1.0 / square.sqrt().clamp_min(1e-6) / mean.shape[1] ** 0.5
        return cls(scale.float().unsqueeze(1).to(device), (-mean * scale).float().unsqueeze(1).to(device))

    @classmethod
    def identity(cls, seen: OutputHistory, device: torch.device) -> Standardiser:
        """Leave trajectories as they are."""
        one = torch.ones_like(trajectory_rows(seen, slice(0, 1)), device=device)
        return cls(one, torch.zeros_like(one))

    @classmethod
    def parted(cls, tensors: Mapping[str, Tensor]) -> tuple[Standardiser, dict[str, Tensor]]:
        """Take a standardiser out of the tensors of a model, and give the rest."""
        rest = {name: value for name, value in tensors.items() if name not in ("scale", "shift")}
        return cls(tensors["scale"], tensors["shift"]), rest

    def tensors(self) -> dict[str, Tensor]:
        """Give what `parted` takes."""
        return {"scale": self.scale, "shift": self.shift}

    @property
    def width(self) -> int:
        """The length H of a trajectory."""
        return self.scale.shape[2]

    def __call__(self, trajectory: Tensor) -> Tensor:
        """Give the standardised rows, float32 (M, B, H)."""
        return torch.addcmul(self.shift, trajectory.to(self.scale.device), self.scale)


def _chunks(seen: OutputHistory) -> Iterator[Tensor]:
    """Yield the trajectories of some rows at a time, float64 (M, B, H).

    Each chunk takes the memory of the one before, since fresh memory costs as much as
    the sums.
    """
    points = [torch.from_numpy(embedding_of(outputs)) for outputs in seen]
    rows, branches, _ = points[0].shape
    memory = torch.empty(min(CHUNK_ROWS, rows), branches, sum(point.shape[2] for point in points), dtype=torch.float64)
    for start in range(0, rows, CHUNK_ROWS):
        chunk = memory[: min(CHUNK_ROWS, rows - start)]
        torch.cat([point[start : start + CHUNK_ROWS].double() for point in points], dim=2, out=chunk)
        yield chunk.transpose(0, 1)


@dataclass(frozen=True)
class Trajectories:
    """Standardised training trajectories, of which a training reads rows in any order.

    `joined` holds all of them, float32 (N, M, H), or is None where that would take more
    than `JOINED_BYTES`. Rows are then joined and standardised whenever they are read.
    """

    seen: OutputHistory
    standardise: Standardiser
    joined: Tensor | None

    @classmethod
    def of(cls, seen: OutputHistory, standardise: Standardiser) -> Trajectories:
        """Give the trajectories of some outputs, joined where there is room for
        them.
        """
        rows, branches, _ = embedding_of(seen[0]).shape
        scale = standardise.scale
        if rows * branches * standardise.width * scale.element_size() > JOINED_BYTES:
            return cls(seen, standardise, None)
        joined = torch.empty(rows, branches, standardise.width, dtype=scale.dtype, device=scale.device)
        for start in range(0, rows, CHUNK_ROWS):
            chunk = slice(start, start + CHUNK_ROWS)
            joined[chunk] = standardise(trajectory_rows(seen, chunk)).transpose(0, 1)
        return cls(seen, standardise, joined)

    def __call__(self, rows: Tensor) -> Tensor:
        """Give the standardised rows, float32 (M, B, H), by their numbers, int64
        (B,).
        """
        if self.joined is None:
            return self.standardise(trajectory_rows(self.seen, rows.cpu().numpy()))
        return self.joined.index_select(0, rows).transpose(0, 1)
