"""Trouble with the disk as one message: what it is, what is safe, what to do."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from benchmark.contracts.errors import BenchmarkError

DISK_TROUBLE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file would be larger than the system allows (ulimit -f)",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "the folder may not be written",
    errno.EPERM: "the folder may not be written",
    errno.ENOTDIR: "a part of the path is a file",
    errno.EEXIST: "the path is a file",
    errno.EISDIR: "the path is a folder",
    errno.ENOENT: "a part of the path is not there",
    errno.ENAMETOOLONG: "the path is too long",
    errno.ELOOP: "the path goes through links in a circle",
    errno.EIO: "the disk reports an error",
    errno.ESTALE: "the network drive has lost the file",
    errno.EMFILE: "too many files are open (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
}

SAFE = "Records written so far are whole and stay"


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raise trouble with the disk while a path is written as a BenchmarkError that
    names the path.
    """
    try:
        yield
    except OSError as error:
        if (why := _why(error)) is None:
            raise
        raise BenchmarkError(
            f"Cannot write to '{path}': {why}. {SAFE}; make room or name another place (--out), then run the same "
            "command again."
        ) from None


def disk_message(error: OSError) -> str:
    """Say what trouble the system reports, for an error that nothing nearer to it
    explained.
    """
    # Python puts words of its own in the place of the system's where it knows better.
    own = error.strerror if error.errno and error.strerror != os.strerror(error.errno) else None
    why = own or _why(error) or error.strerror or str(error) or type(error).__name__
    where = f" at '{error.filename}'" if error.filename else ""
    return f"The system refuses{where}: {why}. {SAFE}; mend this, then run the same command again."


def _why(error: OSError) -> str | None:
    """What is wrong with the disk in words; None for an error of another kind."""
    if error.errno is None:
        # numpy counts what it could not write and loses the system's own words.
        return "the disk is full" if "requested and" in str(error) and "written" in str(error) else None
    return DISK_TROUBLE.get(error.errno)
