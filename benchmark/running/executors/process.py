"""A process that this one starts, talks to and survives."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmark.running.executors.channel import GarbledError, Message, Receiver, Sender

BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from benchmark.running.executors.child import serve; serve(*sys.argv[2:])"
)
KEPT_OUTPUT = 2**14
LINES_KEPT = 12
SECONDS_TO_DIE = 1.0
SECONDS_BETWEEN_LOOKS = 0.2


class EndedError(Exception):
    """The process is no more; `words` say how it ended, and `output` is the last of
    what it printed.
    """

    def __init__(self, code: int, output: list[str], lacked_memory: bool) -> None:
        super().__init__(ending(code))
        self.code = code
        self.words = ending(code)
        self.output = output
        self.lacked_memory = lacked_memory


def ending(code: int) -> str:
    """Say how a process ended, by its return code.

    >>> ending(3), ending(-11)
    ('exit code 3', 'signal SIGSEGV')
    """
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


class Process:
    """A Python process that runs `main(channel)` of a module, with this process's
    environment and import path.

    It leads a session of its own: a terminal's signals do not reach it. It ends with
    this process, however this one ends. What it and its own processes print goes
    nowhere, but the last of it is kept.
    """

    def __init__(self, target: str) -> None:
        self._kills_before = _kills_for_memory()
        self._output = b""
        self._silent = False
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        lifeline, self._lifeline = os.pipe()
        printed, printing = os.pipe()
        theirs = (theirs_in, theirs_out, lifeline)
        words = [sys.executable, "-P", "-u", "-c", BOOTSTRAP, json.dumps(sys.path), target, *map(str, theirs)]
        self._sender, self._receiver, self._printed = Sender(ours_out), Receiver(ours_in), printed
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=printing,
                stderr=printing,
                pass_fds=theirs,
                start_new_session=True,
            )
        except BaseException:
            self._close()
            raise
        finally:
            for descriptor in (*theirs, printing):
                os.close(descriptor)
        self._selector = selectors.DefaultSelector()
        self._selector.register(ours_in, selectors.EVENT_READ)
        self._selector.register(printed, selectors.EVENT_READ)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def forget_output(self) -> None:
        """Let what was printed so far go."""
        while self._read(0.0):
            pass
        self._output = b""

    def send(self, message: Message) -> None:
        """Send a message; EndedError where the process is no more, GarbledError where
        it does not listen.
        """
        try:
            self._sender.send(message)
        except OSError:
            raise self._gone() from None

    def receive(self, seconds: float) -> Message | None:
        """Give the next message, or None if none comes in so many seconds.

        EndedError where the process is no more; GarbledError where it sends what is no
        message, which ends it.
        """
        until = time.monotonic() + seconds
        while True:
            alive = self.alive
            left = until - time.monotonic()
            read = self._read(min(max(left, 0.0), SECONDS_BETWEEN_LOOKS) if alive else 0.0)
            message = self._next()
            if message is not None:
                return message
            if not read and (self._silent or not alive):
                raise self._gone()
            if left <= 0 and not read:
                return None

    def end(self, grace: float = 0.0) -> None:
        """End the process and all of its group, with `grace` seconds between the
        request and the force.
        """
        if self._lifeline < 0:
            return
        if grace > 0 and self.alive:
            self._signal(signal.SIGTERM)
            until = time.monotonic() + grace
            while self.alive and time.monotonic() < until:
                self._read(SECONDS_BETWEEN_LOOKS / 4)
        self._signal(signal.SIGKILL)
        self._process.wait()
        while self._printed >= 0 and self._read(0.0):
            pass
        self._close()

    def last_lines(self) -> list[str]:
        """Give the last lines that the process printed, and of a crash the frames in
        which it began.
        """
        lines = [line for line in self._output.decode(errors="replace").splitlines() if line.strip()]
        starts = [number for number, line in enumerate(lines) if line.endswith("(most recent call first):")]
        return lines[max(0, starts[-1] - 1) :][:LINES_KEPT] if starts else lines[-LINES_KEPT:]

    def _next(self) -> Message | None:
        try:
            return self._receiver.next()
        except GarbledError:
            self.end()
            raise

    def _gone(self) -> EndedError | GarbledError:
        """Give the error of a process that is dying or dead, or that lives and has
        closed its pipes.
        """
        until = time.monotonic() + SECONDS_TO_DIE
        while self.alive and time.monotonic() < until:
            self._read(SECONDS_BETWEEN_LOOKS / 4)
        alive = self.alive
        self.end()
        return GarbledError() if alive else self._ended()

    def _ended(self) -> EndedError:
        killed = self._process.returncode == -signal.SIGKILL
        lacked = killed and _kills_for_memory() > self._kills_before
        return EndedError(self._process.returncode, self.last_lines(), lacked)

    def _read(self, seconds: float) -> bool:
        """Take in what the process sent and printed; whether there was anything."""
        found = False
        for key, _ in self._selector.select(seconds):
            if key.fd == self._printed:
                data = os.read(self._printed, KEPT_OUTPUT)
                self._output = (self._output + data)[-KEPT_OUTPUT:]
                more = bool(data)
            else:
                more = self._receiver.feed()
            if not more:
                self._silent = self._silent or key.fd != self._printed
                self._selector.unregister(key.fd)
            found = found or more
        return found

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _close(self) -> None:
        if hasattr(self, "_selector"):
            self._selector.close()
        for descriptor in (self._sender.descriptor, self._receiver.descriptor, self._printed, self._lifeline):
            if descriptor >= 0:
                os.close(descriptor)
        self._sender.descriptor = self._receiver.descriptor = self._printed = self._lifeline = -1


def _kills_for_memory() -> int:
    """Count the processes that the kernel has ended for want of memory since it
    started, 0 where it does not say.
    """
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
