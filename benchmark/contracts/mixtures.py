"""Noises one after the other, `imbalance(10)+symmetric(0.4)`, and noises from text."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.noise import REQUESTS, UNLABELLED, NoiseInputs, NoiseModel, noises
from benchmark.contracts.specs import build, split_call, split_outside_brackets
from benchmark.contracts.views import LabelArray


@dataclass(frozen=True, repr=False)
class Mixture(NoiseModel):
    """ỹ = (mₙ ∘ … ∘ m₁)(y): from left to right, each part starts from earlier labels.

    Each part draws from the stream that it would have alone. A part that holds classes
    out sees all labelled rows. The others see texts of the remaining classes alone and
    know of no further class, wherever they stand in the mixture.
    """

    name = "mixture"
    parts: tuple[NoiseModel, ...]

    def __post_init__(self) -> None:
        if sum(part.holds_out_classes for part in self.parts) > 1:
            raise BenchmarkError(f"Noise '{self}' holds classes out twice; once is possible.")
        # What any part asks for, the mixture asks for.
        for request in REQUESTS:
            object.__setattr__(self, request, any(getattr(part, request) for part in self.parts))

    @property
    def steps(self) -> tuple[NoiseModel, ...]:
        """The parts."""
        return self.parts

    @property
    def keeps_unlabelled(self) -> bool:
        """Whether some part does."""
        return any(part.keeps_unlabelled for part in self.parts)

    @property
    def rate(self) -> float | None:
        """1 - Π(1 - rate), the share of labels that some part is asked to flip.

        None where no part has a rate.
        """
        rates: list[float] = [part.requested_rate for part in self.parts if part.requested_rate is not None]
        if len(rates) < 2:
            return rates[0] if rates else None
        return round(1.0 - math.prod(1.0 - rate for rate in rates), 12)

    @property
    def kind(self) -> str:
        """The parts' kinds.

        Only the first rate is left out, so that nothing averages over rates of other
        parts.
        """
        with_rate = [place for place, part in enumerate(self.parts) if part.requested_rate is not None]
        return "+".join(str(part) if place in with_rate[1:] else part.kind for place, part in enumerate(self.parts))

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Noisy labels, int64 (N,), -1 where a part gave none."""
        kept = self.in_distribution(inputs.num_classes)
        remaining = inputs.clean_labels < kept
        noisy = inputs.clean_labels.astype(np.int64, copy=True)
        for part, stream in zip(self.parts, self._streams(), strict=True):
            known = inputs.num_classes if part.holds_out_classes else kept
            rows = np.flatnonzero((noisy != UNLABELLED) & (remaining | part.holds_out_classes))
            # What is learned is learned from the clean labels of the whole training split, for training itself too.
            training = inputs.training_inputs() if part.learns_from_training else None
            seen = dataclasses.replace(inputs, clean_labels=noisy, training=training).subset(rows, known)
            labels = part.corrupt(seen.with_stream(stream))
            if len(labels) and labels.max() >= known:
                raise BenchmarkError(
                    f"In noise '{self}' the part '{part}' labels texts with classes that are held out. Leave out one."
                )
            noisy[rows] = labels
        return noisy

    def transition_matrix(self, num_classes: int) -> FloatArray | None:
        """Give T₁ T₂ … over the remaining classes, and the rows of the held-out ones.

        None where a part has no matrix.
        """
        kept = self.in_distribution(num_classes)
        whole, law = np.eye(num_classes), np.eye(kept)
        for part in self.parts:
            matrix = part.transition_matrix(num_classes if part.holds_out_classes else kept)
            if matrix is None:
                return None
            if part.holds_out_classes:
                whole = matrix.copy()
            else:
                law = law @ matrix
        whole[:kept, :kept] = law
        return whole

    def rate_bound(self, num_classes: int) -> float:
        """One: each part has its own bound."""
        return 1.0

    def in_distribution(self, num_classes: int) -> int:
        """What is left by the part that holds classes out."""
        return min(part.in_distribution(num_classes) for part in self.parts)

    def check(self, label_names: Sequence[str]) -> None:
        """Every part against the classes that it sees."""
        remaining = label_names[: self.in_distribution(len(label_names))]
        for part in self.parts:
            part.check(label_names if part.holds_out_classes else remaining)

    def stream_name(self) -> str:
        """The parts' streams."""
        return "+".join(self._streams())

    def _streams(self) -> list[str]:
        """Give the parts' stream names, different where parts differ by their rate."""
        names = [part.stream_name() for part in self.parts]
        repeats = [names[:place].count(name) for place, name in enumerate(names)]
        return [f"{name}#{count}" if count else name for name, count in zip(names, repeats, strict=True)]

    def __str__(self) -> str:
        return "+".join(map(str, self.parts))


def noise_from(text: str) -> NoiseModel:
    """The noise that a text such as `symmetric(0.4)` or `imbalance(10)+hub(0.2)` names.

    A rate outside [0, 1) is an error.
    """
    parts = [_one(part, text) for part in split_outside_brackets(text, "+")]
    return parts[0] if len(parts) == 1 else Mixture(tuple(parts))


def _one(part: str, text: str) -> NoiseModel:
    if not part:
        raise BenchmarkError(f"Noise '{text}' has an empty part. Write noises with '+' between, as in clean()+clean().")
    name, positional, named = split_call(part, "noise")
    model = build(noises[name], positional, named, "noise")
    rate = model.requested_rate
    if rate is not None and not 0.0 <= rate < 1.0:
        raise BenchmarkError(f"Noise '{part}' asks for a rate of {rate:g}; a rate lies in [0, 1).")
    return model
