"""The tasks of a run in the order in which they may start: shared trainings come before
the trials that read them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from benchmark.records.artefacts import ArtefactCache
from benchmark.records.schema import Failure, Record
from benchmark.trial.record import failed_record
from benchmark.trial.shared_training import PREFIX, TrainingTask, share_trainings, sources_of, training_gib
from benchmark.trial.task import TrialTask

MOST_GIB = 8.0
"""What shared trainings take of the disk at most at a time, if not one alone."""


class TaskQueue:
    """The tasks of a run, and the shared trainings on the disk meanwhile.

    Trials whose training is there come first, then trainings that fit on the disk, then
    trials that share nothing. So a worker waits only where nothing is left that could
    start. Trials of a training that failed are not run: `keep` is handed a failed
    record of each.
    """

    def __init__(self, tasks: Sequence[TrialTask], artefacts: ArtefactCache, keep: Callable[[Record], None]) -> None:
        self._artefacts = artefacts
        self._keep = keep
        trials, trainings = share_trainings(tasks)
        self._trainings = deque(trainings)
        self._alone = deque(task for task in trials if task.training is None)
        self._ready: deque[TrialTask] = deque()
        self._on_disk: dict[str, float] = {}
        self._sizes: dict[str, float] = {}
        self._readers: dict[str, dict[str, TrialTask]] = defaultdict(dict)
        self._reads = {task.config.id: task.training for task in trials if task.training is not None}
        for task in trials:
            if task.training is not None:
                self._readers[task.training][task.config.id] = task
        self._remove_all_but({task.training for task in trainings})

    def next(self) -> TrialTask | None:
        """Give a task that may start now.

        None where each is given or waits for a training or for the disk.
        """
        while not self._ready and self._trainings and self._fits(self._trainings[0]):
            task = self._trainings.popleft()
            if not self._is_whole(task):
                return task
            self._let_read(task.training)
        for tasks in (self._ready, self._alone):
            if tasks:
                return tasks.popleft()
        return None

    def take(self, record: Record) -> None:
        """Keep the record of a trial that ended."""
        self.recorded(record)
        self._keep(record)

    def recorded(self, record: Record) -> None:
        """Remove the training of a trial that ended, if it was the last to read it."""
        name = self._reads.get(record.trial)
        if name is not None:
            self._readers[name].pop(record.trial, None)
            if not self._readers[name]:
                self._artefacts.forget(name)
                self._on_disk.pop(name, None)

    def trained(self, task: TrainingTask, failure: Failure | None) -> None:
        """Let the trials of a training start that was made, and fail those of one that
        was not.
        """
        if failure is None:
            self._let_read(task.training)
            return
        trials = list(self._readers[task.training].values())
        words = f"The training that {len(trials)} trials of this cell and seed share was not made: {failure.message}"
        for trial in trials:
            self.take(failed_record(trial, failure.model_copy(update={"message": words})))

    def close(self) -> None:
        """Remove all shared trainings."""
        self._remove_all_but(set())

    def _let_read(self, name: str) -> None:
        self._ready.extend(self._readers[name].values())

    def _remove_all_but(self, names: set[str]) -> None:
        for path in self._artefacts.root.glob(f"{PREFIX}*"):
            if path.name not in names:
                self._artefacts.forget(path.name)

    def _fits(self, task: TrainingTask) -> bool:
        """Take the room of a training on the disk, if there is as much beside the
        others.
        """
        size = self._gib(task)
        if self._on_disk and sum(self._on_disk.values()) + size > MOST_GIB:
            return False
        self._on_disk[task.training] = size
        return True

    def _gib(self, task: TrainingTask) -> float:
        """Estimate a training's size once: it may be asked for while others end."""
        if task.training not in self._sizes:
            self._sizes[task.training] = training_gib(task, self._artefacts)
        return self._sizes[task.training]

    def _is_whole(self, task: TrainingTask) -> bool:
        """Tell whether a run that was killed has left the training as it should be."""
        place = self._artefacts.place(task.training)
        return place.is_dir() and not self._artefacts.trouble(task.training, sources_of(task))
