"""One task after another in this very process, for debugging and profiling: a method
can end it.
"""

from __future__ import annotations

from benchmark.running.executors.driver import Driver
from benchmark.trial.shared_training import run_task
from benchmark.trial.task import TrialTask


def run_inline(tasks: list[TrialTask], driver: Driver) -> None:
    """Run the tasks in order until they are done or the driver says stop."""
    for task in tasks:
        if driver.should_stop():
            return
        driver.take(task, run_task(task))
