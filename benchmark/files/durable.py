"""Durable writes, and paths that stay inside their folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path

from benchmark.contracts.errors import BenchmarkError
from benchmark.files.disk import disk_errors
from benchmark.files.leftovers import temporary_beside


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> Path:
    """Write a file so that readers and crashes see all of it or nothing.

    Parameters
    ----------
    path
        The file. Its folder is made where it is missing.
    data
        The whole content.
    durable
        Whether the content must be on the disk, not only in the system's memory,
        when the call returns.

    Returns
    -------
    Path
        The file's path. Trouble with the disk is a BenchmarkError.
    """
    with whole_file(path, durable=durable) as file:
        file.write(data)
    return path


@contextlib.contextmanager
def whole_file(path: Path, *, durable: bool = True) -> Iterator[BufferedRandom]:
    """Give a file to write and read, which takes the place of `path` when the block
    ends and is removed when it fails.

    Parameters and errors are those of `write_whole`.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(path)
        try:
            with temporary.open("w+b") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        if durable:
            _sync_folder(path.parent)


def check_writable(folder: Path) -> None:
    """Raise a BenchmarkError where no file can be written to a folder.

    A verb that works long before it writes calls it first. A folder that is not there
    is not made: the nearest one above it is tried.
    """
    with disk_errors(folder):
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        probe = temporary_beside(there / "probe")
        probe.touch()
        probe.unlink()


def _sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut, too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def inside(folder: Path, name: str) -> Path:
    """Give the path of a name directly inside a folder.

    Every path that is made from data (ids of records, names of artefacts and
    figures) is made here, so that no such name can lead out of its folder.

    Parameters
    ----------
    folder
        The folder, trusted.
    name
        The name, not trusted.

    Returns
    -------
    Path
        The path. A name that is empty, absolute, '.', '..', or that holds a
        separator or NUL is a BenchmarkError.

    >>> inside(Path("records"), "a.json").as_posix()
    'records/a.json'
    """
    separators = {"/", "\\", "\0", os.sep}
    if name in ("", ".", "..") or any(sign in name for sign in separators):
        raise BenchmarkError(
            f"The name {name!r} would not lie in the folder '{folder}'. A name without '/', '\\' and NUL that is not "
            "'.' or '..' is needed; where it comes from a file of someone else, leave that file out."
        )
    return folder / name
