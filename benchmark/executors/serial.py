"""One trial after another in this process: no Ray, for tests, debugging and profiling."""

from __future__ import annotations

from benchmark.executors import Driver
from benchmark.trial import TrialTask, run_trial


def run_serially(tasks: list[TrialTask], driver: Driver) -> None:
    """Run the tasks in order until they are done or the driver says stop."""
    for task in tasks:
        if driver.should_stop():
            return
        driver.on_record(run_trial(task))
