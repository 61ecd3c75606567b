"""The trained second stage of SiDyP: denoisers that correct predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmark.contracts import OutputHistory, ProbabilityArray
from methods.shared.generative.trajectories import CHUNK_ROWS, Standardiser, trajectory_rows
from methods.sidyp.diffusion import Denoiser, reverse, to_simplex


@dataclass(frozen=True)
class DiffusionModel:
    """The branches' denoisers, what puts trajectories into their units, and the draws
    of inference, which all texts share.
    """

    denoisers: torch.nn.ModuleList
    standardise: Standardiser
    alphas: Tensor
    draws: Tensor
    scale: float

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor], scale: float) -> DiffusionModel:
        """Make the model whose tensors and scale of the simplex these are."""
        standardise, rest = Standardiser.parted(tensors)
        alphas, draws = rest.pop("alphas"), rest.pop("draws")
        branches = len({name.partition(".")[0] for name in rest})
        (steps, width), num_classes = rest["0.gains.0.weight"].shape, draws.shape[-1]
        denoisers = torch.nn.ModuleList(Denoiser(standardise.width, num_classes, steps, width) for _ in range(branches))
        denoisers.load_state_dict(rest)
        return cls(denoisers, standardise, alphas, draws, scale)

    def tensors(self) -> dict[str, Tensor]:
        """Give all that the model is but the scale."""
        return self.denoisers.state_dict() | self.standardise.tensors() | {"alphas": self.alphas, "draws": self.draws}

    def predict(self, seen: OutputHistory, label_probabilities: ProbabilityArray) -> ProbabilityArray:
        """Give Σ_k p(ỹ = k | x) · p(y | x, k) of each branch, float32 (N, M, C)."""
        out = np.zeros_like(label_probabilities)
        self.denoisers.eval()
        with torch.inference_mode():
            for start in range(0, len(out), CHUNK_ROWS):
                rows = slice(start, start + CHUNK_ROWS)
                given = torch.from_numpy(label_probabilities[rows]).to(self.alphas.device)
                out[rows] = self.posteriors(self.standardise(trajectory_rows(seen, rows)), given).cpu().numpy()
        return out

    def posteriors(self, trajectory: Tensor, given: Tensor) -> Tensor:
        """Give the same of one batch, (B, M, C), from (M, B, H) and p(ỹ | x), (B, M,
        C).
        """
        found = torch.zeros_like(given)
        for m, denoiser in enumerate(self.denoisers):
            text = denoiser.project(trajectory[m])  # type: ignore[operator]
            for k in range(given.shape[2]):
                label = to_simplex(torch.full((len(text),), k, device=text.device), given.shape[2], self.scale)
                logits = reverse(denoiser, text, label, self.draws, self.alphas, self.scale)  # type: ignore[arg-type]
                found[:, m] += given[:, m, k : k + 1] * logits.softmax(1)
        return found
