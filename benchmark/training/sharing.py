"""What a shared training showed at each point, on disk for the trials that would train it again."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from benchmark.contracts import Outputs
from benchmark.contracts.trainer import Moments
from benchmark.training.costs import Spent

log = logging.getLogger(__name__)

SPLITS = ("train", "valid", "test")
LARGEST_FOLDER_GIB = 8.0
SECONDS_BETWEEN_TRIES = 0.2


@dataclass
class StageMemory:
    """One training's outputs by point and split, in a folder; `complete` ones are only read.

    `moments`: of each point, its fraction of the training by each kind of moment that it is, of those kinds that were
    looked at whole.
    """

    folder: Path
    complete: bool
    moments: list[dict[str, float]] = field(default_factory=list)
    costs: dict[str, Spent] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> StageMemory:
        """A complete one."""
        about = json.loads((folder / "about.json").read_text())
        return cls(folder, True, about["moments"], {name: Spent(**cost) for name, cost in about["costs"].items()})

    def keep(self, point: int, split: str, outputs: Outputs, spent: Spent) -> None:
        """Write one look down."""
        for name in ("probabilities", "embedding"):
            array = getattr(outputs, name)
            if array is not None:
                np.save(self.folder / f"{point}-{split}-{name}.npy", array)
        self.costs[f"{point}-{split}"] = spent

    def recall(self, point: int, split: str) -> tuple[Outputs, Spent]:
        """One look, and what it cost when it was taken."""
        found = {name: self.folder / f"{point}-{split}-{name}.npy" for name in ("probabilities", "embedding")}
        arrays = {name: np.load(path, allow_pickle=False) if path.exists() else None for name, path in found.items()}
        if arrays["probabilities"] is None:
            raise FileNotFoundError(f"the shared training in {self.folder.name} was not looked at on {split} texts")
        return Outputs(arrays["probabilities"], arrays["embedding"]), self.costs[f"{point}-{split}"]

    def serves(self, at: Moments, everywhere: bool) -> bool:
        """Whether validation and test texts were looked at at all moments of a kind, and training texts at the last.

        `everywhere`: training texts at all of them, too.
        """
        numbers = [number for number, moment in enumerate(self.moments) if at in moment]
        asked = [(number, split) for number in numbers for split in SPLITS]
        needed = [look for look in asked if look[1] != "train" or everywhere or look[0] == numbers[-1]]
        return bool(needed) and all(f"{number}-{split}" in self.costs for number, split in needed)

    def finish(self, place: Path, seal: Callable[[Path], None]) -> None:
        """Move into place if it serves all who read a last point and some who read a trajectory; else forget."""
        if self.serves("points", False) and (self.serves("points", True) or self.serves("epochs", True)):
            about: dict[str, Any] = {"moments": self.moments}
            about["costs"] = {name: vars(spent) for name, spent in self.costs.items()}
            (self.folder / "about.json").write_text(json.dumps(about))
            seal(self.folder)
            self.folder.replace(place)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def _unsealed(folder: Path) -> None:
    """Write no sums."""


def _unchecked(folder: Path) -> str:
    """Say that nothing differs."""
    return ""


@dataclass(frozen=True)
class SharedStages:
    """The folder of one run's shared trainings.

    `cell` is all that decides a training apart from its stage. `seal` writes down the
    sums of a finished training's files, and `differs` says in what they differ, or
    nothing.
    """

    root: Path
    cell: str
    seal: Callable[[Path], None] = _unsealed
    differs: Callable[[Path], str] = _unchecked

    @contextmanager
    def claim(self, stage: object, record: bool, wait: Callable[[float], None]) -> Iterator[StageMemory | None]:
        """A complete memory of the stage, or a new one to fill, or None where it is neither there nor to be recorded.

        One process records a stage at a time; others call `wait` with the seconds until their next try.
        """
        code = _sources_digest(type(stage).__module__)
        key = hashlib.sha256(f"{self.cell}\n{stage!r}\n{code}".encode()).hexdigest()[:24]
        place = self.root / key
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f".{key}.lock").open("w") as lock:
            while not _try(lock, fcntl.LOCK_SH if place.is_dir() or not record else fcntl.LOCK_EX):
                wait(SECONDS_BETWEEN_TRIES)
            if place.is_dir() and self.differs(place):
                while not _try(lock, fcntl.LOCK_EX):
                    wait(SECONDS_BETWEEN_TRIES)
                if why := self.differs(place):  # another process may have trained it again meanwhile
                    log.warning("The shared training %s is damaged (%s) and trained again.", place, why)
                    shutil.rmtree(place, ignore_errors=True)
            if place.is_dir():
                fcntl.flock(lock, fcntl.LOCK_SH)
                os.utime(place)
                yield StageMemory.read(place)
            elif record:
                yield from self._new(key, place)
            else:
                yield None

    def _new(self, key: str, place: Path) -> Iterator[StageMemory]:
        self._make_room()
        for leftover in self.root.glob(f".{key}.[0-9]*"):
            shutil.rmtree(leftover, ignore_errors=True)
        folder = self.root / f".{key}.{os.getpid()}"
        folder.mkdir()
        memory = StageMemory(folder, False)
        try:
            yield memory
            memory.finish(place, self.seal)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _make_room(self) -> None:
        """Forget the trainings least lately used, as long as all take too much of the disk and nobody reads them."""
        kept = sorted((path for path in self.root.iterdir() if path.name[0] != "."), key=lambda p: p.stat().st_mtime)
        sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in kept}
        excess = sum(sizes.values()) - LARGEST_FOLDER_GIB * 2**30
        for path in kept:
            if excess <= 0:
                return
            with (self.root / f".{path.name}.lock").open("w") as lock:
                if _try(lock, fcntl.LOCK_EX):
                    shutil.rmtree(path, ignore_errors=True)
                    excess -= sizes[path]


def _try(lock: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@functools.cache
def _sources_digest(module: str) -> str:
    """A hash of the trainer's sources and of those beside the stage's: a memory of other code is not found."""
    digest = hashlib.sha256()
    source = getattr(sys.modules[module], "__file__", None)
    folders = [Path(__file__).parent, *([Path(source).parent] if source else [])]
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
