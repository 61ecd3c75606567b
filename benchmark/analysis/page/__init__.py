"""What the page of a report opens with, and how the rest is arranged on it."""

from benchmark.analysis.page.front import Front, front

__all__ = ["Front", "front"]
