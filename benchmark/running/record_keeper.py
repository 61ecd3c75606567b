"""Records of a run as they come: written at once, and written again if somebody removes
them during the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmark.contracts import BenchmarkError
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record


class Keeper:
    """Writes records to a run folder that this process holds, and sees to it that they
    stay for the run's length.

    `there`: the records that the folder holds already. Where another run has taken the
    folder meanwhile, nothing is written to it any more.
    """

    def __init__(self, folder: RunFolder, there: Iterable[Record], warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._kept = {record.trial: record for record in there}
        self._warn = warn

    def keep(self, record: Record) -> None:
        """Write a record.

        A BenchmarkError where the folder is gone and the run cannot go on in it.
        """
        self._kept[record.trial] = record
        gone = not self._folder.path.is_dir()
        if not self._folder.lock_is_ours():
            self._folder.take_lock_again()
            if not gone:
                self._warn(f"The lock of '{self._folder.path}' was removed during the run; it is there again.")
        if gone or (len(self._kept) > 1 and not self._folder.records.is_dir()):
            self._restore()
        else:
            self._folder.write(record)
        if gone:
            raise BenchmarkError(
                f"The folder '{self._folder.path}' was removed during the run, with what the trials read. Its "
                f"{len(self._kept)} record(s) are written again and whole; run the same command again for the rest."
            )

    def finish(self) -> None:
        """Write again what was removed since it was written."""
        if self._folder.lock_is_ours() or not self._folder.path.is_dir():
            self._restore()

    def _restore(self) -> None:
        lost = [record for trial, record in self._kept.items() if not self._folder.record_path(trial).exists()]
        for record in lost:
            self._folder.write(record)
        if lost:
            self._warn(f"{len(lost)} record(s) that were removed from '{self._folder.records}' are written again.")
