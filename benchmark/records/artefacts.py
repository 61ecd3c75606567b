"""What trials share: each artefact a folder, made once under its key, moved into place
when whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.files.disk import disk_errors
from benchmark.files.durable import inside
from benchmark.records.sums import SUMS, sums_digest, what_differs, what_differs_once, write_sums

QUARANTINE = "quarantine"


class DamagedArtefactError(BenchmarkError):
    """An artefact is not what was written.

    It was moved to the quarantine, and the next run makes it again.
    """


class ArtefactCache:
    """A folder of artefacts named by kind and key.

    Several processes may ask for the same one.

    Each artefact carries a manifest of sha256 sums, which is checked before its first
    use in a process.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def place(self, name: str) -> Path:
        """Where the artefact lies, or will lie."""
        return inside(self.root, name)

    def forget(self, name: str) -> None:
        """Remove what lies there, if anything does."""
        shutil.rmtree(self.place(name), ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed runs left half-made.

        Only for one who knows that nobody else is at work here.
        """
        for path in self.root.glob(".*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def use(self, name: str) -> Path:
        """Give the artefact's folder, its files checked against their sums.

        An artefact that is gone, or not as it was written, is a DamagedArtefactError;
        the damaged one is moved to the quarantine, where nothing reads it.
        """
        place = self.place(name)
        if not place.is_dir():
            raise DamagedArtefactError(f"The artefact '{place}' is gone. Run again: it is made anew.")
        if why := what_differs_once(place):
            kept = self.quarantine(name)
            raise DamagedArtefactError(
                f"The artefact '{place}' is damaged: {why}. It was moved to '{kept}'. Run again: it is made anew."
            )
        return place

    def trouble(self, name: str, sources: Sequence[str] = ()) -> str:
        """Say why the artefact must be made again.

        Empty if it is whole or not there yet.
        """
        place = self.place(name)
        return what_differs_once(place, self._digests(sources)) if place.is_dir() else ""

    def quarantine(self, name: str) -> Path:
        """Move an artefact to the quarantine, over an older one of the same name."""
        kept = inside(self.root / QUARANTINE, name)
        with disk_errors(self.root):
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(kept, ignore_errors=True)
            with contextlib.suppress(FileNotFoundError):  # another process was first
                self.place(name).replace(kept)
        return kept

    def make(self, name: str, maker: Callable[[Path], None], sources: Sequence[str] = ()) -> Path:
        """Give the artefact's folder, made if it is not there or not whole.

        Parameters
        ----------
        name
            The artefact.
        maker
            Fills an empty folder, one process at a time. If it brings a manifest of
            sums along, as a copy does, the folder must be as that says.
        sources
            The artefacts that this one is made from. It is made again where one of
            them has other content.

        Returns
        -------
        Path
            The folder, whole and with its manifest.
        """
        place = self.place(name)
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with inside(self.root, f".{name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if place.is_dir():
                    if not self.trouble(name, sources):
                        return place
                    self.quarantine(name)
                for leftover in self.root.glob(f".{name}.[0-9]*"):
                    shutil.rmtree(leftover, ignore_errors=True)
                temporary = inside(self.root, f".{name}.{os.getpid()}")
                temporary.mkdir()
                try:
                    maker(temporary)
                    self._seal(temporary, sources)
                    _sync(temporary)
                    temporary.replace(place)
                finally:
                    shutil.rmtree(temporary, ignore_errors=True)
        return place

    def _seal(self, folder: Path, sources: Sequence[str]) -> None:
        if not (folder / SUMS).exists():
            write_sums(folder, self._digests(sources))
        elif why := what_differs(folder):
            raise DamagedArtefactError(f"A copy of an artefact arrived damaged: {why}. Run again: it is sent anew.")

    def _digests(self, sources: Sequence[str]) -> dict[str, str]:
        """The digests of the manifests of other artefacts.

        One that is gone has none.
        """
        found = {}
        for name in sources:
            with contextlib.suppress(FileNotFoundError):
                found[name] = sums_digest(self.place(name))
        return found


def _sync(folder: Path) -> None:
    """Put the files on the disk, so that a folder in its place is whole even after a
    power cut.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
