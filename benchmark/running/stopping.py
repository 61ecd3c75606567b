"""When a run ends before its last trial: a signal, time, the first failure, the
disk.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
"""What asks a run to stop, with what a person calls it: batch systems and closed
terminals send the last two.
"""


class StoppedEarlyError(Exception):
    """The run is to stop before its trials begin."""


class StoppedAtOnceError(KeyboardInterrupt):
    """A second signal ended the run where it was."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def exit_code(reason: str | None) -> int:
    """Give what a shell is told of a run that left trials over: 128 and the signal's
    number, or 1 without a signal.

    >>> exit_code("Ctrl-C"), exit_code("SIGTERM"), exit_code("SIGHUP"), exit_code(None)
    (130, 143, 129, 1)
    """
    return next((128 + number for number, name in SIGNALS.items() if name == reason), 1)


class Stopper:
    """Knows whether the run should stop, and why; `on_message` is told of the first
    signal.
    """

    def __init__(self, max_hours: float | None, on_message: Callable[[str], None]) -> None:
        self.reason: str | None = None
        self._said = on_message
        self._until = None if max_hours is None else time.monotonic() + max_hours * 3600
        self._signalled = False
        self._whole = False
        self._postponed: int | None = None

    def stop(self, reason: str) -> None:
        """Ask the run to stop; the first reason stays."""
        self.reason = self.reason or reason

    def should_stop(self) -> bool:
        """Tell whether no further trial should start."""
        if self._until is not None and time.monotonic() > self._until:
            self.stop("--max-hours")
        return self.reason is not None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take a signal as a wish to stop in good order.

        A second one stops at once, and any later one does nothing.

        A signal that the run's parent had it ignore, as `nohup` does, stays ignored.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}
        heard = [number for number, handler in before.items() if handler != signal.SIG_IGN]
        for number in heard:
            signal.signal(number, self._hear)
        try:
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Let what is done inside be done to its end, before a second signal stops the
        run.
        """
        self._whole = True
        try:
            yield
        finally:
            self._whole = False
        if self._postponed is not None:
            raise StoppedAtOnceError(self._postponed)

    def _hear(self, number: int, frame: Any) -> None:
        name = SIGNALS[signal.Signals(number)]
        if not self._signalled:
            self._signalled = True
            self.reason = name
            again = "Press it again" if number == signal.SIGINT else "Send it again"
            self._said(f"{name}: stopping in good order. {again} to stop at once.")
            return
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        if not self._whole:
            raise StoppedAtOnceError(number)
        self._postponed = number
