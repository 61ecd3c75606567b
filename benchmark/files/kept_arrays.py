"""What is made of texts, in the user's cache: one file a list of texts, bounded in
size, the least recently used removed first.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_hex
from benchmark.files.cache import cache_folder
from benchmark.files.durable import write_whole
from benchmark.files.leftovers import remove_leftovers
from benchmark.files.turns import lock_beside, remove_free_locks

Kind = Literal["features", "cuts"]
KINDS: dict[Kind, np.dtype[Any]] = {"features": np.dtype("<f4"), "cuts": np.dtype("<i4")}
"""Each kind of array with the type of its numbers on the disk: features, and where
texts are cut.
"""

LIMIT_VARIABLE = "BENCHMARK_FEATURES_GIB"
USUAL_LIMIT_GIB = 2.0
NAME = re.compile(rf"[0-9a-f]{{64}}\.({'|'.join(KINDS)})")


@dataclass(frozen=True)
class Kept:
    """A file of the cache: where it is, its bytes, and when it was last used."""

    path: Path
    size: int
    used: float


def store_folder() -> Path:
    """Give the folder of what is kept; BENCHMARK_CACHE moves it."""
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


def key_of(setting: Mapping[str, str | int], texts: Sequence[str]) -> str:
    """Give the key of what is made of texts in their order under a setting."""
    lengths = json.dumps([len(text) for text in texts])
    return sha256_hex(json.dumps(setting, sort_keys=True), lengths, *texts)


def read(kind: Kind, key: str) -> npt.NDArray[Any] | None:
    """Give the array that was kept under a key, or None.

    A damaged file is removed, so that its array is made again.
    """
    path = _path(kind, key)
    if not limit_bytes():
        return None
    try:
        content = path.read_bytes()
    except OSError:
        return None
    array = _parsed(KINDS[kind], key, content)
    # A cache that cannot be written is read all the same.
    with contextlib.suppress(OSError):
        path.unlink() if array is None else os.utime(path)
    return array


def write(kind: Kind, key: str, array: npt.NDArray[Any]) -> None:
    """Keep an array under a key, and remove others until all are within the limit.

    An array larger than the limit is not kept. A cache that cannot be written is done
    without.
    """
    limit, data = limit_bytes(), np.ascontiguousarray(array, dtype=KINDS[kind])
    if data.nbytes > limit or not data.size:
        return
    shape, raw = list(data.shape), data.data.cast("B")
    about = json.dumps({"shape": shape, "sha256": _digest(key, shape, raw)}).encode()
    with contextlib.suppress(OSError, BenchmarkError):
        _sweep()
        write_whole(_path(kind, key), b"\n".join([about, raw]), durable=False)
        _shrink(limit)


def remove(kind: Kind, key: str) -> None:
    """Remove the array of a key where it is kept."""
    with contextlib.suppress(OSError):
        _path(kind, key).unlink(missing_ok=True)


def lock_of(kind: Kind, key: str) -> Path:
    """Give the lock that whoever makes the array of a key holds."""
    return lock_beside(_path(kind, key))


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


def _path(kind: Kind, key: str) -> Path:
    return store_folder() / f"{key}.{kind}"


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


def _parsed(stored: np.dtype[Any], key: str, content: bytes) -> npt.NDArray[Any] | None:
    """Give the array of a file's content; None where it is not what was written."""
    end = content.find(b"\n")
    head, data = content[: max(0, end)], memoryview(content)[end + 1 :]
    try:
        about = json.loads(head)
        shape = [int(size) for size in about["shape"]]
        digest = about["sha256"]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    if digest != _digest(key, shape, data):
        return None
    return np.frombuffer(data, dtype=stored).reshape(shape).astype(stored.newbyteorder("="))
