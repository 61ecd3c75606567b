"""Content that waits on the disk, where there is more of it than memory should hold."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

from benchmark.files.disk import disk_errors


class Place(NamedTuple):
    """Where a content begins in a spool, and how many bytes it has."""

    start: int
    size: int


class Spool:
    """Contents of one process on the disk, read again in any order.

    They lie in a file without a name, which the system removes when the block of the
    spool ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._end = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            # What waited is needed no more, so a full disk at the last flush loses nothing.
            with contextlib.suppress(OSError):
                self._file.close()

    def put(self, content: bytes) -> Place:
        """Put a content on the disk, and give its place.

        The folder is made with the first one. Trouble with the disk is a
        BenchmarkError.
        """
        with disk_errors(self._folder):
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - it lives as long as the spool
            self._file.seek(self._end)
            self._file.write(content)
        place = Place(self._end, len(content))
        self._end += len(content)
        return place

    def get(self, place: Place) -> bytes:
        """Give the content at a place that `put` gave."""
        if self._file is None:
            raise ValueError("nothing was put into the spool")
        with disk_errors(self._folder):
            self._file.seek(place.start)
            return self._file.read(place.size)
