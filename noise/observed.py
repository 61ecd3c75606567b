"""Observed noise: the labels that a source outside the benchmark gave."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, UnknownNameError, register_noise


@register_noise
class Observed(NoiseModel):
    """ỹ = the label of `source` (weak rules, crowds, a language model), -1 where it gave none.

    The rate is what it is; the manifest reports it. Rows without a label are dropped, never imputed.
    """

    name = "observed"
    source: str

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """A copy of the source's labels, int64 (N,), in [0, C) or -1."""
        if self.source not in inputs.observed:
            hint = "" if inputs.observed else "This corpus has clean labels alone."
            raise UnknownNameError("source of observed labels", self.source, inputs.observed, hint)
        return np.array(inputs.observed[self.source], dtype=np.int64)
