"""What a line of the bar is, and what measuring it gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.speed.setting import Setting


@dataclass(frozen=True)
class Measurement:
    """One measured number: `value` in `unit`, against `at_most` or `at_least` where the
    bar sets one.

    `seconds`: where the time goes, by part. `value` is None where this machine cannot
    measure it; `note` says why, or what else must be known to read the number.
    """

    line: str
    what: str
    value: float | None
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def verdict(self) -> str:
        """`met`, `missed`, `reported` where the bar sets no limit, or `not measured`.

        >>> Measurement("help", "--help", 0.4, "s", at_most=0.5).verdict
        'met'
        """
        if self.value is None:
            return "not measured"
        if self.at_most is None and self.at_least is None:
            return "reported"
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return "met" if low and high else "missed"

    @property
    def measured(self) -> str:
        """The value with its unit."""
        return "-" if self.value is None else f"{_short(self.value)} {self.unit}"

    @property
    def bar(self) -> str:
        """The limit with its unit."""
        if self.at_most is not None:
            return f"≤ {_short(self.at_most)} {self.unit}"
        return f"≥ {_short(self.at_least)} {self.unit}" if self.at_least is not None else "-"

    def unjudged(self) -> Measurement:
        """The same without a limit, where the sizes are too small to judge by."""
        return dataclasses.replace(self, at_most=None, at_least=None)

    def as_row(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "line": self.line,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "at_most": self.at_most,
            "at_least": self.at_least,
            "verdict": self.verdict,
            "seconds": dict(self.seconds),
            "note": self.note,
        }


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1_000 else f"{number:,.0f}"


def by_processor_time(value: float, unit: str) -> str:
    """A note: the same number by the clock that other work on the machine hardly
    moves.
    """
    return f"by processor time {_short(value)} {unit}"


@dataclass(frozen=True)
class Line:
    """One line of the bar.

    `measure` gives one measurement or more, such as one an encoder.
    """

    name: str
    about: str
    measure: Callable[[Setting], list[Measurement]]
