"""Trials by Ray, seen from the driver: a process of its own holds Ray and sends what
came of each trial.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.running.executors.channel import GarbledError, Message
from benchmark.running.executors.driver import Driver
from benchmark.running.executors.process import EndedError, Process
from benchmark.running.executors.resources import Resources
from benchmark.running.executors.scratch import scratch_folder
from benchmark.running.executors.shipping import names_of
from benchmark.trial.task import TrialTask

TARGET = "benchmark.running.executors.ray_host"
SECONDS_TO_START = 180.0
SECONDS_TO_JOIN = 60.0
SECONDS_TO_STOP = 20.0
SECONDS_BETWEEN_LOOKS = 0.25
LONGEST_FOLDER = 40
"""Bytes: below it Ray puts sockets with names of some sixty bytes, and a socket's path
may take 103.
"""


@contextmanager
def ray_run(resources: Resources, should_stop: Callable[[], bool]) -> Iterator[Callable[[Driver], None]]:
    """Give a Ray of this run's own, which starts while the run prepares, or a cluster,
    which is joined at once.
    """
    with scratch_folder(LONGEST_FOLDER) as scratch:
        if scratch is None:
            raise BenchmarkError(
                "Ray needs a folder for temporary files whose path takes at most some twenty bytes, and none of "
                "TMPDIR, /tmp, /var/tmp and /dev/shm can be written. Set TMPDIR to one, or use --executor serial."
            )
        ray = _Ray(resources, scratch)
        try:
            if resources.address is not None:
                ray.wait_until_joined(should_stop)
            yield ray.run
        finally:
            ray.close()


class _Ray:
    def __init__(self, resources: Resources, scratch: Path) -> None:
        self._address = resources.address
        self._joined = self._finished = self._told = False
        self._process = Process(TARGET)
        try:
            self._process.send({"resources": dataclasses.asdict(resources), "scratch": str(scratch)})
        except (EndedError, GarbledError) as error:
            raise self._trouble(error) from None

    def wait_until_joined(self, should_stop: Callable[[], bool]) -> None:
        """Wait until Ray has started or the cluster is joined.

        A BenchmarkError where that takes too long.
        """
        seconds = SECONDS_TO_START if self._address is None else SECONDS_TO_JOIN
        until = time.monotonic() + seconds
        while not self._joined and not should_stop():
            if time.monotonic() > until:
                raise self._late(seconds)
            self._joined = "joined" in (self._next() or {})

    def run(self, driver: Driver) -> None:
        """Run the driver's tasks until none is left or the driver says stop."""
        self.wait_until_joined(driver.should_stop)
        if driver.should_stop():
            return
        numbers = itertools.count()
        sent: dict[int, TrialTask] = {}
        stopped_at: float | None = None
        while True:
            if stopped_at is None and driver.should_stop():
                stopped_at = time.monotonic()
            if stopped_at is None:
                ready = dict(zip(numbers, iter(driver.next_task, None), strict=False))
                self._send_tasks(ready)
                sent |= ready
                if not sent:
                    self._finished = True
                    return
            try:
                if stopped_at is not None and self._is_over(stopped_at):
                    return
                message = self._next() or {}
            except BenchmarkError:
                if driver.should_stop():  # the signal that stops the run may have ended Ray, too
                    return
                raise
            if "end" in message:
                self._finished = True
                return
            if "number" in message:
                driver.take(sent.pop(message["number"]), message["outcome"])

    def close(self) -> None:
        """End Ray: in good order where its work is done, else at once."""
        if self._finished and self._process.alive:
            with contextlib.suppress(EndedError, GarbledError):
                self._process.send({"stop": True})
        until = time.monotonic() + SECONDS_TO_STOP
        while self._finished and self._process.alive and time.monotonic() < until:
            time.sleep(SECONDS_BETWEEN_LOOKS / 5)
        self._process.end()

    def _is_over(self, stopped_at: float) -> bool:
        """Tell whether Ray has had its time to stop, which it is told to at first."""
        if not self._told:
            self._told = True
            self._send({"stop": True})
        return time.monotonic() > stopped_at + SECONDS_TO_STOP

    def _send_tasks(self, tasks: dict[int, TrialTask]) -> None:
        if tasks:
            found = [(number, _written(task)) for number, task in tasks.items()]
            self._send({"tasks": found, "artefacts": str(next(iter(tasks.values())).artefacts)})

    def _send(self, message: Message) -> None:
        try:
            self._process.send(message)
        except (EndedError, GarbledError) as error:
            raise self._trouble(error) from None

    def _next(self) -> Message | None:
        try:
            message = self._process.receive(SECONDS_BETWEEN_LOOKS)
        except (EndedError, GarbledError) as error:
            raise self._trouble(error) from None
        if message is not None and "error" in message:
            self._finished = True
            raise BenchmarkError(message["error"])
        if message is not None and ("broken" in message or "dead" in message):
            raise self._stopped_working(message.get("broken") or f"its process {message['dead']}")
        return message

    def _trouble(self, error: EndedError | GarbledError) -> BenchmarkError:
        if isinstance(error, GarbledError):
            return self._stopped_working("its process sent what is no message")
        on_message = f"; the last that it said: {error.output[-1][:300]}" if error.output else ""
        return self._stopped_working(f"its process ended with {error.words}{on_message}")

    def _stopped_working(self, why: str) -> BenchmarkError:
        if self._address is not None:
            what = f"The Ray cluster at '{self._address}' " + ("was lost" if self._joined else "could not be joined")
            advice = "See 'ray status' there"
        else:
            what = "Ray stopped working" if self._joined else "Ray did not start"
            advice = "If it happens again, --executor serial does without Ray"
        return BenchmarkError(f"{what}: {why}. Finished trials are kept; the same command goes on. {advice}.")

    def _late(self, seconds: float) -> BenchmarkError:
        if self._address is not None:
            return BenchmarkError(
                f"'{self._address}' takes connections but did not let this machine into a Ray cluster within "
                f"{seconds:g} s. Is it the address of a cluster's head, and is RAY_AUTH_TOKEN the cluster's "
                "(with RAY_AUTH_MODE=token)?"
            )
        return BenchmarkError(f"Ray did not start within {seconds:g} s. --executor serial does without it.")


def _written(task: TrialTask) -> str:
    """Write a task as JSON, and the artefacts that it reads: a worker knows no plug-in
    and so cannot tell.
    """
    return json.dumps({"task": task.model_dump(mode="json"), "names": names_of(task)})
