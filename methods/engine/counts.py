"""What a trial has spent so far."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Counts:
    """Passes so far, in texts times networks, and seconds by phase; `saved_s` of them another trial spent.

    `waited_s`: what passed while another trial trained what this one shares, and is no cost of its method.
    """

    forward_texts: int = 0
    backward_texts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    saved_s: float = 0.0
    waited_s: float = 0.0

    def wall_s(self, passed_s: float) -> float:
        """The seconds of a trial of its own, of those that passed in this one."""
        return passed_s + self.saved_s - self.waited_s
