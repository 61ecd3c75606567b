"""What the driver hangs into Ray Tune: a writer of records, and a wish to stop."""

from __future__ import annotations

from typing import Any

from ray import tune

from benchmark.executors import Driver
from benchmark.record_files import parse_record
from benchmark.records import Failure, Record
from benchmark.trial import TRACEBACK_LINES, TrialTask, failed_record


class _StaysHere:
    """Tune pickles its hooks for a restore that is never asked for; what they hold stays in the driver."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Writer(_StaysHere, tune.Callback):  # type: ignore[misc]
    """Hands every reported record to the driver, once, and adds its trial to `written`."""

    def __init__(self, tasks: list[TrialTask], driver: Driver, written: set[str]) -> None:
        self._tasks = tasks
        self._driver = driver
        self._written = written

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: dict[str, Any], **_: Any) -> None:
        """A worker reported: its record, as JSON."""
        if result.get("record"):
            self._write(parse_record(result["record"]))

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """A worker died for good, or could not start its trial: what is left is a failed record."""
        self._write(lost_record(self._tasks[trial.config["index"]], trial.get_pickled_error()))

    def _write(self, record: Record) -> None:
        if record.trial not in self._written:
            self._written.add(record.trial)
            self._driver.on_record(record)


class Stop(_StaysHere, tune.Stopper):  # type: ignore[misc]
    """Asks the driver whether to stop."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """A trial ends by itself, after its one report."""
        return False

    def stop_all(self) -> bool:
        """Whether the driver wants to end the run."""
        return self._driver.should_stop()


def lost_record(task: TrialTask, error: BaseException | None) -> Record:
    """The failed record of a trial whose worker died twice, or raised before the trial began."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, BaseException):
        lines = str(error).strip().splitlines()[-TRACEBACK_LINES:]
        failure = Failure(error_class=type(cause).__name__, message=str(cause), traceback_tail=lines)
    else:
        message = "The worker process died (killed, or out of memory). Try fewer --workers."
        failure = Failure(error_class="WorkerDied", message=message, traceback_tail=[])
    return failed_record(task, failure)
