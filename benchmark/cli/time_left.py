"""The time that a step still takes, by the pace of its work so far."""

from __future__ import annotations

from benchmark.analysis.layout.format import duration

SECONDS_OF_NO_WORK = 1.0
"""What is told of so soon was read from a cache, or is the work of another process."""


class TimeLeft:
    """Estimates, from the shares of the work that are told in turn, how long the rest
    takes.

    The pace is that since the first second in which a share was told. What was done
    until then says nothing of it.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._since = self._share = 0.0

    def after(self, now: float, share: float) -> str | None:
        """Give the time left in words; None where there is no telling yet, or no more.

        >>> step = TimeLeft()
        >>> [step.after(*told) for told in ((5.0, 0.5), (15.0, 0.75), (20.0, 1.0))]
        [None, '10 s', None]
        """
        if self._first is None:
            self._first = now
        if now - self._first < SECONDS_OF_NO_WORK:
            self._since, self._share = now, share
        if not self._share < share < 1:
            return None
        return duration((now - self._since) / (share - self._share) * (1 - share))
