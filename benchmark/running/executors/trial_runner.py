"""Runs trials in a process beside this one, which is kept warm, watched, and replaced
when it dies.
"""

from __future__ import annotations

import platform
import signal
import time
from typing import TYPE_CHECKING

from benchmark.contracts import BenchmarkError
from benchmark.records.schema import Failure
from benchmark.running.executors.channel import GarbledError, Message
from benchmark.running.executors.process import EndedError, Process

if TYPE_CHECKING:
    from benchmark.trial.task import TrialTask

CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
TARGET = "benchmark.running.executors.trial_process"
SECONDS_TO_END = 2.0
"""Between the request to end and the force."""

SECONDS_PAST_THE_LIMIT = 3.0
"""A trial that looks at its clock ends by itself; this is what it takes to notice."""

GARBLED = "The method closed the pipe by which its process reports, or wrote to it; the process was ended."


class TrialRunner:
    """One warm process for trials; `close` ends it."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._is_ready = False

    def start(self) -> Process:
        """Start the process, which imports what trials need while this one goes on."""
        self.close()
        self._process, self._is_ready = Process(TARGET), False
        return self._process

    def run(self, task: TrialTask) -> Message:
        """Run one task: what came of it, or the `failure` that its process ended with,
        as JSON values.

        A task that is still running when its time limit has passed is ended.
        """
        process = self._ready()
        try:
            process.forget_output()
            process.send({"task": task.model_dump(mode="json")})
            _wait(process)
            return self._watch(process, task.time_limit_s)
        except EndedError as end:
            self._process = None
            return _failed(_death(end))
        except GarbledError:
            self.close()
            return _failed(Failure(error_class="ProcessGarbled", message=GARBLED, traceback_tail=[]))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process at once, with all that it started."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _ready(self) -> Process:
        """Give the process of the last trial if it still lives, else a new one that has
        imported what trials need.
        """
        process = self._process if self._process is not None and self._process.alive else self.start()
        if self._is_ready:
            return process
        try:
            _wait(process)
            self._is_ready = True
        except EndedError as end:
            self._process = None
            on_message = f": {end.output[-1]}" if end.output else ""
            raise BenchmarkError(
                f"The process for trials ended with {end.words} before its first trial{on_message}. If plain "
                "'python -m benchmark doctor' works here, --executor inline runs trials without that process."
            ) from None
        except BaseException:
            self.close()
            raise
        return process

    def _watch(self, process: Process, limit: float | None) -> Message:
        started = time.monotonic()
        while True:
            left = 60.0 if limit is None else started + limit + SECONDS_PAST_THE_LIMIT - time.monotonic()
            message = process.receive(max(0.0, left))
            if message is not None:
                return message
            if limit is not None:
                return self._end_late(process, limit)

    def _end_late(self, process: Process, limit: float) -> Message:
        self._process = None
        process.end(SECONDS_TO_END)
        return _failed(
            Failure(
                error_class="TrialTimeoutError",
                message=f"The trial was still running past its time limit of {in_words(limit)} and was ended; raise "
                "it with --trial-hours.",
                traceback_tail=_tail(process.last_lines()),
            )
        )


def _wait(process: Process) -> None:
    """Wait until the process has imported what it needs."""
    while process.receive(60.0) is None:
        pass


def in_words(seconds: float) -> str:
    """Write a span of time for people.

    >>> in_words(90), in_words(7200)
    ('90 s', '2 h')
    """
    return f"{seconds / 3600:.3g} h" if seconds >= 3600 else f"{seconds:.3g} s"


def why_ended(end: EndedError) -> str:
    """Why a process in which a method trained has ended, as far as that can be told."""
    if end.code >= 0:
        return "the method or a library that it uses ended the process"
    if end.lacked_memory:
        return "meanwhile the kernel ended a process for want of memory, most likely this one"
    if -end.code in CRASHES:
        return "a crash in compiled code"
    return "something else on this machine, or the method itself, sent it"


def _death(end: EndedError) -> Failure:
    advice = "; try fewer --workers" if end.lacked_memory else ""
    message = f"The trial's process ended with {end.words} before the trial did: {why_ended(end)}{advice}."
    kind = "ProcessExited" if end.code >= 0 else "ProcessKilled"
    return Failure(error_class=kind, message=message, traceback_tail=_tail(end.output))


def _tail(lines: list[str]) -> list[str]:
    from benchmark.trial.failure import without_path

    return [without_path(line) for line in lines]


def _failed(failure: Failure) -> Message:
    return {"failure": failure.model_dump(mode="json"), "node": platform.node()}
