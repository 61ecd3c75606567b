"""What is hung into Ray Tune: a reporter of outcomes, and a wish to stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ray import tune

from benchmark.records.schema import Failure
from benchmark.running.executors.channel import Message
from benchmark.trial.failure import failure_of


class _StaysHere:
    """Tune pickles its hooks for a restore that is never asked for.

    What they hold stays in this process.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Reporter(_StaysHere, tune.Callback):  # type: ignore[misc]
    """Hands the outcome of every trial on, once, by its place among the tasks, which is
    added to `done`.
    """

    def __init__(self, report: Callable[[int, Message], None], done: set[int]) -> None:
        self._report = report
        self._done = done

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: dict[str, Any], **_: Any) -> None:
        """Take what a worker reported of its trial, as JSON."""
        if result.get("outcome"):
            self._once(trial.config["index"], json.loads(result["outcome"]))

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """Record a failure for a worker that died for good, or could not start its
        trial.
        """
        self._once(trial.config["index"], lost(trial.get_pickled_error()))

    def _once(self, index: int, outcome: Message) -> None:
        if index not in self._done:
            self._done.add(index)
            self._report(index, outcome)


class Stop(_StaysHere, tune.Stopper):  # type: ignore[misc]
    """Asks whether to stop."""

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Stop no trial, since each ends by itself after its one report."""
        return False

    def stop_all(self) -> bool:
        """Tell whether the run is to end."""
        return self._should_stop()


def lost(error: BaseException | None) -> Message:
    """Give the failure of a trial whose Ray worker died as often as it was started, or
    raised outside the trial.
    """
    cause = getattr(error, "cause", None)
    if isinstance(cause, BaseException):
        failure = failure_of(cause)
    else:
        kind = type(error).__name__ if error is not None else "no reason given"
        message = (
            f"The Ray worker of this trial died, and so did the one that took its place (Ray: {kind}). The trial's own "
            "process ends with its worker. Look at what ended it, or try --executor serial."
        )
        failure = Failure(error_class="WorkerDied", message=message, traceback_tail=[])
    return {"failure": failure.model_dump(mode="json")}
