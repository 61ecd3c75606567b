"""When a run ends before its last trial: Ctrl-C, time, the first failure, the disk."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

INTERRUPT = "Ctrl-C"


class StoppedEarlyError(Exception):
    """The run is to stop before its trials begin."""


class Stopper:
    """Knows whether the run should stop, and why; `said` is told of the first Ctrl-C."""

    def __init__(self, max_hours: float | None, said: Callable[[str], None]) -> None:
        self.reason: str | None = None
        self._said = said
        self._until = None if max_hours is None else time.monotonic() + max_hours * 3600

    def stop(self, reason: str) -> None:
        """Ask the run to stop; the first reason stays."""
        self.reason = self.reason or reason

    def should_stop(self) -> bool:
        """Whether no further trial should start."""
        if self._until is not None and time.monotonic() > self._until:
            self.stop("--max-hours")
        return self.reason is not None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C as a wish to stop in good order; a second one stops at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: Any = signal.getsignal(signal.SIGINT)

        def interrupted(number: int, frame: Any) -> None:
            if self.reason == INTERRUPT:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                raise KeyboardInterrupt
            self.reason = INTERRUPT
            self._said("Ctrl-C: stopping in good order. Press it again to stop at once.")

        signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
