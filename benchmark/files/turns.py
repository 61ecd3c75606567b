"""One process at a time, by a lock that the system frees however its holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_OF_PATIENCE = 300.0
"""How long a holder may leave no new word: one that was halted holds its lock, too."""

LONGEST_WORD = 100
LOCKS = ".*.lock"

Told = Callable[[str], None]


def lock_beside(path: Path) -> Path:
    """Give the lock of whoever makes a file."""
    return path.with_name(f".{path.name}.lock")


@contextlib.contextmanager
def in_turn(lock: Path, while_waiting: Told) -> Iterator[Told]:
    """Hold a lock for a block, and wait for it as long as another process holds it.

    The lock is a file, which is removed after the block. Where its folder cannot be
    written, or its disk knows no locks, nobody waits. Nobody waits on, either, for one
    that leaves no new word for `SECONDS_OF_PATIENCE`.

    Parameters
    ----------
    lock
        The file. Its folder is made where it is missing.
    while_waiting
        Is told again and again, while another holds the lock, the last word that the
        other has left for those who wait, empty at first. What it raises ends the wait.

    Returns
    -------
    Iterator
        The block gets a function that leaves such a word.
    """
    held = _wait_for(lock, while_waiting)
    try:
        yield lambda word: _leave_word(held, word)
    finally:
        _give_back(lock, held)


def remove_free_locks(folder: Path) -> None:
    """Remove the locks in a folder that killed processes left."""
    for lock in folder.glob(LOCKS):
        with contextlib.suppress(BlockingIOError):
            _give_back(lock, _take(lock))


def _wait_for(lock: Path, while_waiting: Told) -> int | None:
    last, since = "", time.monotonic()
    while time.monotonic() < since + SECONDS_OF_PATIENCE:
        with contextlib.suppress(BlockingIOError):
            return _take(lock)
        word = _word_at(lock)
        if word != last:
            last, since = word, time.monotonic()
        while_waiting(word)
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return None


def _take(lock: Path) -> int | None:
    """Give the descriptor of a lock that is held from now on; None where there can be
    none.

    A BlockingIOError where another holds it.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _lies_at(lock, held):
            return held
    except BlockingIOError:
        os.close(held)
        raise
    except OSError:
        os.close(held)
        return None
    os.close(held)  # its last holder has removed it meanwhile
    return _take(lock)


def _give_back(lock: Path, held: int | None) -> None:
    """Remove a lock while it is held, so that nobody removes that of another."""
    if held is not None:
        with contextlib.suppress(OSError):
            if _lies_at(lock, held):
                lock.unlink()
        os.close(held)


def _lies_at(lock: Path, held: int) -> bool:
    """Whether the file that is held still lies at the path."""
    try:
        return os.path.samestat(os.fstat(held), lock.stat())
    except FileNotFoundError:
        return False


def _leave_word(held: int | None, word: str) -> None:
    """Put a word over the last one, in one write of always the same length."""
    if held is not None:
        with contextlib.suppress(OSError):
            os.pwrite(held, word.encode()[:LONGEST_WORD].ljust(LONGEST_WORD), 0)


def _word_at(lock: Path) -> str:
    try:
        return lock.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
