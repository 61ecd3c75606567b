"""Methods that want the share of wrong labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.method import Method
from benchmark.contracts.parameters.ranges import Within
from benchmark.contracts.views import Need, NoisyView


@dataclass(frozen=True, repr=False)
class UsesNoiseRate(Method):
    """A method with a parameter `rate`.

    It is the shared estimate by default, the true rate (an oracle), or a number.
    """

    uses_noise_rate: ClassVar[bool] = True

    rate: Annotated[Literal["estimated", "oracle"] | float, Within(0, 1, "[)")] = "estimated"

    def needs(self) -> frozenset[Need]:
        """The true rate, if that is what was asked for."""
        return frozenset({Need.NOISE_RATE}) if self.rate == "oracle" else frozenset()

    def noise_rate(self, view: NoisyView) -> float:
        """The rate that this instance works with, in [0, 1)."""
        if self.rate == "oracle":
            return float(view.declared_inputs[Need.NOISE_RATE])
        if self.rate == "estimated":
            if view.estimated_rate is None:
                raise BenchmarkError(f"Method '{self.name}' wants the estimated noise rate and was handed none.")
            return view.estimated_rate
        return float(self.rate)
