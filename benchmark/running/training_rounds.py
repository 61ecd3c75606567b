"""Rounds of a run: shared trainings come before the trials that read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from benchmark.records.artefacts import ArtefactCache
from benchmark.records.schema import Failure, Record
from benchmark.trial.record import failed_record
from benchmark.trial.shared_training import PREFIX, TrainingTask, share_trainings, sources_of, training_gib
from benchmark.trial.task import TrialTask

MOST_GIB = 8.0
"""What the shared trainings of a wave take of the disk at most, if not one alone."""


class TrainingRounds:
    """The tasks of a run in rounds, and the shared trainings on the disk meanwhile.

    A wave of trainings that fit on the disk is one round, and the trials that read them
    are the next. Trials that share nothing are spread over all rounds. Trials of a
    training that failed are not run: `keep` is handed a failed record of each.
    """

    def __init__(self, tasks: Sequence[TrialTask], artefacts: ArtefactCache, keep: Callable[[Record], None]) -> None:
        self._artefacts = artefacts
        self._keep = keep
        self._trials, self._trainings = share_trainings(tasks)
        self._readers: dict[str, dict[str, TrialTask]] = defaultdict(dict)
        self._reads = {task.config.id: task.training for task in self._trials if task.training is not None}
        for task in self._trials:
            if task.training is not None:
                self._readers[task.training][task.config.id] = task

    def __iter__(self) -> Iterator[list[TrialTask]]:
        """Yield the tasks of each round; the round before has ended by then."""
        self._remove_all_but({task.training for task in self._trainings})
        waves = self._waves()
        alone = [task for task in self._trials if task.training is None]
        rounds = max(1, 2 * len(waves))
        shares = [
            alone[number * len(alone) // rounds : (number + 1) * len(alone) // rounds] for number in range(rounds)
        ]
        if not waves:
            yield shares[0]
        for number, wave in enumerate(waves):
            todo: list[TrialTask] = [task for task in wave if not self._is_whole(task)]
            yield todo + shares[2 * number]
            here = {task.training for task in wave}
            yield [task for task in self._trials if task.training in here and self._is_open(task)] + shares[
                2 * number + 1
            ]
            for name in here:
                self._artefacts.forget(name)

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

    def trained(self, task: TrainingTask, failure: Failure | None) -> None:
        """Fail the trials of a training that was not made."""
        if failure is None:
            return
        trials = list(self._readers[task.training].values())
        words = f"The training that {len(trials)} trials of this cell and seed share was not made: {failure.message}"
        for trial in trials:
            self.take(failed_record(trial, failure.model_copy(update={"message": words})))

    def close(self) -> None:
        """Remove all shared trainings."""
        self._remove_all_but(set())

    def _remove_all_but(self, names: set[str]) -> None:
        for path in self._artefacts.root.glob(f"{PREFIX}*"):
            if path.name not in names:
                self._artefacts.forget(path.name)

    def _waves(self) -> list[list[TrainingTask]]:
        """Cut the trainings where the next one would not fit on the disk."""
        waves: list[list[TrainingTask]] = []
        taken = 0.0
        for task in self._trainings:
            size = training_gib(task, self._artefacts)
            if not waves or taken + size > MOST_GIB:
                waves.append([])
                taken = 0.0
            waves[-1].append(task)
            taken += size
        return waves

    def _is_whole(self, task: TrainingTask) -> bool:
        """Tell whether a run that was killed has left the training as it should be."""
        place = self._artefacts.place(task.training)
        return place.is_dir() and not self._artefacts.trouble(task.training, sources_of(task))

    def _is_open(self, task: TrialTask) -> bool:
        return task.config.id in self._readers[task.training or ""]
