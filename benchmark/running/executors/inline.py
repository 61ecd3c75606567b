"""One task after another in this very process, for debugging and profiling: a method
can end it.
"""

from __future__ import annotations

from benchmark.running.executors.driver import Driver
from benchmark.trial.shared_training import run_task


def run_inline(driver: Driver) -> None:
    """Run the driver's tasks one after another."""
    driver.run_in_turn(run_task)
