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
    """Where records and ends of shared trainings go, and whether to stop."""

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
