"""What trials share: each artefact a folder, made once under its key, moved into place when whole."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmark.store import disk_errors

SHARED_TRAININGS = "shared-trainings"
"""Where a run keeps what methods share; it lasts as long as the run."""


class Artefacts:
    """A folder of artefacts named by kind and key; several processes may ask for the same one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def place(self, name: str) -> Path:
        """Where the artefact lies, or will lie."""
        return self.root / name

    def forget(self, name: str) -> None:
        """Remove what lies there, if anything does."""
        shutil.rmtree(self.place(name), ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed runs left half-made; only for one who knows that nobody else is at work here."""
        for path in self.root.glob(".*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def make(self, name: str, maker: Callable[[Path], None]) -> Path:
        """The artefact's folder; `maker` fills it if it is not there yet, one process at a time."""
        place = self.place(name)
        if place.is_dir():
            return place
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / f".{name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if place.is_dir():
                    return place
                for leftover in self.root.glob(f".{name}.[0-9]*"):
                    shutil.rmtree(leftover, ignore_errors=True)
                temporary = self.root / f".{name}.{os.getpid()}"
                temporary.mkdir()
                try:
                    maker(temporary)
                    _sync(temporary)
                    temporary.replace(place)
                finally:
                    shutil.rmtree(temporary, ignore_errors=True)
        return place


def _sync(folder: Path) -> None:
    """Put the files on the disk, so that a folder in its place is whole even after a power cut."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
