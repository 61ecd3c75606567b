"""Temporary files: named after the process that writes them, so that those of a dead
one can be told and removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import time
from functools import cache
from pathlib import Path

from benchmark.contracts.hashes import sha256_hex

LONGEST_NAME = 100
SECONDS_FOREIGN = 24 * 3600.0
"""How old what another machine left must be: whether its process still runs cannot be
seen from here.
"""

LEFT = re.compile(r"^\..*\.(?:(?P<machine>[0-9a-f]{6})-)?(?P<process>[0-9]+)\.(?:tmp|part)$")


def temporary_beside(path: Path) -> Path:
    """A hidden name in the same folder, of this process alone."""
    return path.with_name(f".{path.name[:LONGEST_NAME]}.{_machine()}-{os.getpid()}.tmp")


def remove_leftovers(*folders: Path) -> None:
    """Remove the temporary files in these folders, not below, whose process is gone.

    What cannot be removed stays.
    """
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in [path for path in folder.iterdir() if path.name.startswith(".") and _abandoned(path)]:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _abandoned(path: Path) -> bool:
    found = LEFT.match(path.name)
    if found is None:
        return False
    if found["machine"] == _machine():
        return not _runs(int(found["process"]))
    with contextlib.suppress(OSError):
        return time.time() - path.lstat().st_mtime > SECONDS_FOREIGN
    return False


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


@cache
def _machine() -> str:
    """Six digits for this machine: process numbers of two machines that share a disk
    say nothing of each other.
    """
    return sha256_hex(socket.gethostname(), digits=6)
