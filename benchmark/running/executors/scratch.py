"""Temporary folders of a run, which vanish with it, or at the latest when the next run
starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "benchmark-run-"
LOCK = "lock"


def bases() -> list[Path]:
    """Give the places where temporary folders may lie, the one asked for by TMPDIR
    first.
    """
    asked = [Path(os.environ["TMPDIR"])] if os.environ.get("TMPDIR") else []
    return list(dict.fromkeys([*asked, Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]))


@contextlib.contextmanager
def scratch_folder(longest: int) -> Iterator[Path | None]:
    """Make a folder of this process's own whose path takes at most `longest` bytes, or
    give None where none can be made.
    """
    found = next(filter(None, (_made(base, longest) for base in bases())), None)
    if found is None:
        yield None
        return
    path, lock = found
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            _remove(path)
        os.close(lock)


def remove_leftovers() -> None:
    """Remove the folders of runs that were killed: those whose lock nobody holds."""
    for base in bases():
        for path in base.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                _remove_if_free(path)


def _made(base: Path, longest: int) -> tuple[Path, int] | None:
    try:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    except OSError:
        return None
    if len(os.fsencode(path.resolve())) > longest:
        path.rmdir()
        return None
    lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return path.resolve(), lock


def _remove_if_free(path: Path) -> None:
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        return
    lock = os.open(path / LOCK, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(path)
    finally:
        os.close(lock)


def _remove(path: Path) -> None:
    """Remove the folder, its lock last.

    A process of the killed run may still write into the folder while it is removed.
    The lock then stays with what was written, so that the next run removes both.
    """
    for entry in path.iterdir():
        if entry.name == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()
    if [entry.name for entry in path.iterdir()] == [LOCK]:
        (path / LOCK).unlink()
        path.rmdir()
