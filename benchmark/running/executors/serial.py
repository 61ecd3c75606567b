"""One task after another in one process beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmark.running.executors.driver import Driver
from benchmark.running.executors.trial_runner import TrialRunner
from benchmark.trial.task import TrialTask


@contextmanager
def serial_run() -> Iterator[Callable[[list[TrialTask], Driver], None]]:
    """Keep one process for all lists of tasks, which starts while the run prepares."""
    runner = TrialRunner()
    try:
        runner.start()
        yield partial(_run, runner)
    finally:
        runner.close()


def _run(runner: TrialRunner, tasks: list[TrialTask], driver: Driver) -> None:
    """Run the tasks in order until they are done or the driver says stop."""
    for task in tasks:
        if driver.should_stop():
            return
        driver.take(task, runner.run(task))
