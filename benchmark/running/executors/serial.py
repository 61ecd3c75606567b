"""One trial after another in one process beside this one."""

from __future__ import annotations

from benchmark.running.executors.driver import Driver
from benchmark.running.executors.trial_runner import TrialRunner
from benchmark.trial.run import TrialTask, record_from


def run_serially(tasks: list[TrialTask], driver: Driver) -> None:
    """Run the tasks in order until they are done or the driver says stop."""
    runner = TrialRunner()
    try:
        for task in tasks:
            if driver.should_stop():
                return
            driver.on_record(record_from(task, runner.run(task)))
    finally:
        runner.close()
