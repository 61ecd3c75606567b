"""What a trial has spent so far."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Spent:
    """What a part of a training cost: seconds, and texts through networks forward and backward."""

    seconds: float = 0.0
    forward_texts: int = 0
    backward_texts: int = 0

    def since(self, earlier: Spent) -> Spent:
        """The difference."""
        return Spent(
            self.seconds - earlier.seconds,
            self.forward_texts - earlier.forward_texts,
            self.backward_texts - earlier.backward_texts,
        )


@dataclass
class Counts:
    """Passes so far, in texts times networks, and seconds by phase; `saved_s` of them another trial spent.

    `waited_s`: what passed while another trial trained what this one shares, or in looks that only others need, and
    is no cost of its method.
    """

    forward_texts: int = 0
    backward_texts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    saved_s: float = 0.0
    waited_s: float = 0.0

    def charge(self, phase: str, spent: Spent) -> None:
        """Add what another trial spent on a shared training to this trial's costs."""
        self.seconds[phase] = self.seconds.get(phase, 0.0) + spent.seconds
        self.saved_s += spent.seconds
        self.forward_texts += spent.forward_texts
        self.backward_texts += spent.backward_texts

    def refund(self, phase: str, spent: Spent) -> None:
        """Take what was spent in a phase for other trials alone out of this trial's costs."""
        self.seconds[phase] = self.seconds.get(phase, 0.0) - spent.seconds
        self.waited_s += spent.seconds
        self.forward_texts -= spent.forward_texts
        self.backward_texts -= spent.backward_texts

    def wall_s(self, passed_s: float) -> float:
        """The seconds of a trial of its own, of those that passed in this one."""
        return passed_s + self.saved_s - self.waited_s
