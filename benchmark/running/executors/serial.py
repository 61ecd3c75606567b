"""One task after another in one process beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmark.running.executors.driver import Driver
from benchmark.running.executors.trial_runner import TrialRunner


@contextmanager
def serial_run() -> Iterator[Callable[[Driver], None]]:
    """Keep one process for all tasks, which starts while the run prepares."""
    runner = TrialRunner()
    try:
        runner.start()
        yield lambda driver: driver.run_in_turn(runner.run)
    finally:
        runner.close()
