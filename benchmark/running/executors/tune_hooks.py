"""What is hung into Ray Tune: a feed of tasks, a reporter of outcomes, and a wish to
stop.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ray import tune
from ray.tune.search import Searcher

from benchmark.records.schema import Failure
from benchmark.running.executors.channel import Message
from benchmark.trial.failure import failure_of


class _StaysHere:
    """Tune pickles its hooks for a restore that is never asked for.

    What they hold stays in this process.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Feed(_StaysHere, Searcher):  # type: ignore[misc]
    """The tasks that wait for a worker, to which more come while others run.

    Tune asks for the next one whenever a worker is free, so that its workers go from
    task to task until the run is over, which `over` says.
    """

    def __init__(self, over: threading.Event) -> None:
        super().__init__()
        self.over = over
        self._waiting: deque[tuple[int, str]] = deque()
        self._given: dict[int, str] = {}
        self._live: set[str] = set()
        self._changed = threading.Condition()

    def add(self, tasks: Iterable[tuple[int, str]]) -> None:
        """Let tasks wait, numbered and as JSON, before those that wait already."""
        with self._changed:
            self._waiting.extendleft(reversed(list(tasks)))
            self._changed.notify_all()

    def waiting(self) -> int:
        """Count the tasks that wait."""
        return len(self._waiting)

    def end(self) -> None:
        """Let no further task start."""
        with self._changed:
            self.over.set()
            self._changed.notify_all()

    def take(self, number: int) -> bool:
        """Take note that a task has its outcome; False where it had one before."""
        return self._given.pop(number, None) is not None

    def take_back(self) -> None:
        """Let the tasks wait again whose workers are lost."""
        with self._changed:
            self._waiting.extendleft(reversed(sorted(self._given.items())))
            self._given.clear()
            self._live.clear()

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """Give Tune the next task, or None while none may start.

        Where none runs, it waits for one here: Tune itself would look once a second.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting or self._live) or self.over.is_set())
            if self.over.is_set():
                return str(Searcher.FINISHED)
            if not self._waiting:
                return None
            number, task = self._waiting.popleft()
            self._given[number] = task
            self._live.add(trial_id)
            return {"number": number, "task": task}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """Take note that the worker of a task is free again."""
        self._live.discard(trial_id)

    def save(self, checkpoint_path: str) -> None:
        """Save nothing: the records are what a later run goes on from."""

    def restore(self, checkpoint_path: str) -> None:
        """Restore nothing."""


class Reporter(_StaysHere, tune.Callback):  # type: ignore[misc]
    """Hands the outcome of every task on, once, by its number."""

    def __init__(self, report: Callable[[int, Message], None], feed: Feed) -> None:
        self._report = report
        self._feed = feed

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: dict[str, Any], **_: Any) -> None:
        """Take what a worker reported of its trial, as JSON."""
        if result.get("outcome"):
            self._once(trial.config["number"], json.loads(result["outcome"]))

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **_: Any) -> None:
        """Record a failure for a worker that died for good, or could not start its
        trial.
        """
        self._once(trial.config["number"], lost(trial.get_pickled_error()))

    def _once(self, number: int, outcome: Message) -> None:
        if self._feed.take(number):
            self._report(number, outcome)


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
