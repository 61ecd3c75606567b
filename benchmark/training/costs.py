"""What a trial has spent so far."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Spent:
    """What a part of a training cost: seconds, and texts through networks forward and
    backward.
    """

    seconds: float = 0.0
    forward_texts: int = 0
    backward_texts: int = 0


@dataclass
class Counts:
    """Passes so far, in texts times networks, and seconds by phase.

    `saved_s` is the part of the seconds that a shared training took before the trial.
    """

    forward_texts: int = 0
    backward_texts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    saved_s: float = 0.0

    def charge(self, phase: str, spent: Spent) -> None:
        """Add what a part of a shared training took to this trial's costs."""
        self.seconds[phase] = self.seconds.get(phase, 0.0) + spent.seconds
        self.saved_s += spent.seconds
        self.forward_texts += spent.forward_texts
        self.backward_texts += spent.backward_texts

    def wall_s(self, passed_s: float) -> float:
        """The seconds that the trial takes if it makes its training itself.

        `passed_s` are those that it took, with a shared training or without.
        """
        return passed_s + self.saved_s
