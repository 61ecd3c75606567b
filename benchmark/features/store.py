"""Features in the user's cache: one file a list of texts, bounded in size, the least
recently used removed first.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_hex
from benchmark.files.cache import cache_folder
from benchmark.files.durable import write_whole
from benchmark.files.leftovers import remove_leftovers
from benchmark.files.turns import lock_beside, remove_free_locks

FeatureArray = npt.NDArray[np.float32]

LIMIT_VARIABLE = "BENCHMARK_FEATURES_GIB"
USUAL_LIMIT_GIB = 2.0
STORED = np.dtype("<f4")
NAME = re.compile(r"[0-9a-f]{64}\.features")


@dataclass(frozen=True)
class Kept:
    """A file of the cache: where it is, its bytes, and when it was last used."""

    path: Path
    size: int
    used: float


def store_folder() -> Path:
    """Give the folder of the kept features; BENCHMARK_CACHE moves it."""
    return cache_folder() / "features"


def limit_bytes() -> int:
    """Give how many bytes are kept at most; 0 keeps nothing and reads nothing."""
    given = os.environ.get(LIMIT_VARIABLE, "").strip()
    try:
        gib = float(given) if given else USUAL_LIMIT_GIB
    except ValueError:
        gib = math.nan
    if not 0 <= gib < math.inf:
        raise BenchmarkError(
            f"{LIMIT_VARIABLE} is '{given}'; it must be a number of GiB from 0 (keep no features) on, as in 2 or 0.5."
        )
    return int(gib * 2**30)


def kept() -> list[Kept]:
    """List what is kept, the least recently used first."""
    return sorted(_files(), key=lambda one: (one.used, one.path.name))


def read(key: str) -> FeatureArray | None:
    """Give the features that were kept under a key, or None.

    A damaged file is removed, so that its features are made again.
    """
    path = _path(key)
    if not limit_bytes():
        return None
    try:
        content = path.read_bytes()
    except OSError:
        return None
    features = _parsed(key, content)
    # A cache that cannot be written is read all the same.
    with contextlib.suppress(OSError):
        path.unlink() if features is None else os.utime(path)
    return features


def write(key: str, features: FeatureArray) -> None:
    """Keep features under a key, and remove others until all are within the limit.

    Features larger than the limit are not kept. A cache that cannot be written is done
    without.
    """
    limit, data = limit_bytes(), np.ascontiguousarray(features, dtype=STORED)
    if data.nbytes > limit or not data.size:
        return
    shape, raw = list(data.shape), data.data.cast("B")
    about = json.dumps({"shape": shape, "sha256": _digest(key, shape, raw)}).encode()
    with contextlib.suppress(OSError, BenchmarkError):
        _sweep()
        write_whole(_path(key), b"\n".join([about, raw]), durable=False)
        _shrink(limit)


def lock_of(key: str) -> Path:
    """Give the lock that whoever makes the features of a key holds."""
    return lock_beside(_path(key))


def clear() -> list[Kept]:
    """Remove all that is kept, and give what it was."""
    found = kept()
    for one in found:
        one.path.unlink(missing_ok=True)
    _sweep()
    return found


def _sweep() -> None:
    """Remove what killed processes left."""
    remove_leftovers(store_folder())
    remove_free_locks(store_folder())


def _path(key: str) -> Path:
    return store_folder() / f"{key}.features"


def _files() -> Iterator[Kept]:
    folder = store_folder()
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # another process removed it
            if NAME.fullmatch(path.name):
                state = path.stat()
                yield Kept(path, state.st_size, state.st_mtime)


def _shrink(limit: int) -> None:
    found = kept()
    total = sum(one.size for one in found)
    for one in found[:-1]:  # the last one was written just now
        if total <= limit:
            break
        one.path.unlink(missing_ok=True)
        total -= one.size


def _digest(key: str, shape: list[int], data: memoryview) -> str:
    return sha256_hex(key, json.dumps(shape), data)


def _parsed(key: str, content: bytes) -> FeatureArray | None:
    """Give the array of a file's content; None where it is not what was written."""
    end = content.find(b"\n")
    head, data = content[: max(0, end)], memoryview(content)[end + 1 :]
    try:
        about = json.loads(head)
        rows, width = (int(size) for size in about["shape"])
        digest = about["sha256"]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    if digest != _digest(key, [rows, width], data):
        return None
    return np.frombuffer(data, dtype=STORED).reshape(rows, width).astype(np.float32)
