"""What a driver gives an executor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.records.schema import Failure, Record
from benchmark.running.executors.channel import Message

if TYPE_CHECKING:
    from benchmark.trial.shared_training import TrainingTask
    from benchmark.trial.task import TrialTask


@dataclass(frozen=True)
class Driver:
    """Where tasks come from, where their outcomes go, and whether to stop.

    `next_task` gives None where no task may start now: none is left, or all wait for
    the end of others.
    """

    next_task: Callable[[], TrialTask | None]
    on_record: Callable[[Record], None]
    on_training: Callable[[TrainingTask, Failure | None], None]
    should_stop: Callable[[], bool]

    def take(self, task: TrialTask, outcome: Message) -> None:
        """Hand on what came of a task of either kind."""
        from benchmark.trial.shared_training import TrainingTask, record_from

        if not isinstance(task, TrainingTask):
            self.on_record(record_from(task, outcome))
        else:
            failure = outcome.get("failure")
            self.on_training(task, None if failure is None else Failure.model_validate(failure))

    def run_in_turn(self, run: Callable[[TrialTask], Message]) -> None:
        """Run one task after another until none is left or the driver says stop."""
        while not self.should_stop() and (task := self.next_task()) is not None:
            self.take(task, run(task))
