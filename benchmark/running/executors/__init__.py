"""Ways to run trials.

Each runs the same `run_task` and hands every outcome to the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmark.contracts import UnknownNameError
from benchmark.experiment.options import EXECUTORS
from benchmark.running.executors.driver import Driver
from benchmark.running.executors.resources import Resources
from benchmark.running.executors.scratch import remove_leftovers

Execute = Callable[[Driver], None]

__all__ = ["EXECUTORS", "Driver", "Resources", "executor"]


@contextmanager
def executor(name: str, resources: Resources, should_stop: Callable[[], bool]) -> Iterator[Execute]:
    """Give what runs the driver's tasks and hands their outcomes back to it.

    All of its processes end with it.

    A cluster is joined here, so that what it lacks is said before anything is prepared.
    """
    if name not in EXECUTORS:
        raise UnknownNameError("executor", name, EXECUTORS)
    remove_leftovers()
    if name == "ray":
        from benchmark.running.executors.ray_driver import ray_run

        with ray_run(resources, should_stop) as run:
            yield run
    elif name == "serial":
        from benchmark.running.executors.serial import serial_run

        with serial_run() as run:
            yield run
    else:
        from benchmark.running.executors.inline import run_inline

        yield run_inline
