"""What becomes of the records of a run as they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from benchmark.contracts import BenchmarkError
from benchmark.records.artefacts import DamagedArtefactError
from benchmark.records.config import TrialConfig
from benchmark.records.schema import Record
from benchmark.running.record_keeper import Keeper
from benchmark.running.stopping import Stopper
from benchmark.training.gpu import PLAIN_PASSES


class ArrivalListener(Protocol):
    """Who is told of the trials that end."""

    def warn(self, text: str) -> None:
        """Tell the user something that they should know."""

    def finished(self, record: Record) -> None:
        """Take note that a trial ended."""


class Arrivals:
    """Keeps each record, counts it, and tells the listener of it.

    A trial that found an artefact damaged leaves no record the first time, so that it
    runs once more. A failed write stops the run, and nothing is kept after it.

    Parameters
    ----------
    records : the records at hand by trial, to which those kept are added.
    keeper : writes the records.
    stopper : is asked to stop the run.
    listener : is told of each record kept.
    fail_fast : whether the first failed trial stops the run.
    """

    def __init__(
        self,
        records: dict[str, Record],
        keeper: Keeper,
        stopper: Stopper,
        listener: ArrivalListener,
        fail_fast: bool,
    ) -> None:
        self.count = 0
        self.write_error: BenchmarkError | None = None
        self._records = records
        self._keeper = keeper
        self._stopper = stopper
        self._listener = listener
        self._fail_fast = fail_fast
        self._damage_met: dict[str, str] = {}
        self._said_plain = False

    def take(self, record: Record) -> None:
        """Keep one record."""
        if self.write_error is not None:
            return
        if _found_damage(record) and record.trial not in self._damage_met:
            self._damage_met[record.trial] = record.failure.message if record.failure else ""
            return
        try:
            with self._stopper.whole():
                self._keeper.keep(record)
        except BenchmarkError as error:
            self.write_error = error
            self._stopper.stop("the disk")
            return
        self._records[record.trial] = record
        self.count += 1
        self._say_plain(record)
        if record.status == "failed" and self._fail_fast:
            self._stopper.stop("--fail-fast")
        self._listener.finished(record)

    def _say_plain(self, record: Record) -> None:
        """Say once that a GPU's passes were not captured, which makes trials slower."""
        if not self._said_plain and record.costs is not None and PLAIN_PASSES in record.costs.device:
            self._said_plain = True
            self._listener.warn(
                f"{record.method} ran on {record.costs.device}, which is slower and no less right. Records say which "
                "trials did so."
            )

    def once_more(self, configs: Sequence[TrialConfig]) -> list[TrialConfig]:
        """Give the trials that met a damaged artefact, which run once more."""
        again = [config for config in configs if self._damage_met.get(config.id)]
        if again:
            self._listener.warn(f"{len(again)} trial(s) run once more. {self._damage_met[again[0].id]}")
        for config in again:
            self._damage_met[config.id] = ""
        return again

    def finish(self) -> None:
        """See to it that every record lies in its place, or raise a failed write."""
        if self.write_error is not None:
            raise self.write_error
        self._keeper.finish()


def _found_damage(record: Record) -> bool:
    """Tell whether the trial found an artefact damaged that the driver had checked."""
    return record.failure is not None and record.failure.error_class == DamagedArtefactError.__name__
