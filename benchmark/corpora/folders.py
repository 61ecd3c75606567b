"""Where files of corpora may lie: the folders of BENCHMARK_DATA."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.files.cache import CACHE_VARIABLE
from benchmark.files.durable import write_whole

DATA_VARIABLE = "BENCHMARK_DATA"
OFFLINE_VARIABLE = "BENCHMARK_OFFLINE"
FOLDER_VARIABLES = (DATA_VARIABLE, CACHE_VARIABLE)
"""What names folders, of data and of the cache, and goes with a trial elsewhere."""


def data_folders() -> tuple[Path, ...]:
    """The folders of BENCHMARK_DATA, absolute; one that does not exist is an error."""
    folders = tuple(Path(part).absolute() for part in os.environ.get(DATA_VARIABLE, "").split(os.pathsep) if part)
    for folder in folders:
        if not folder.is_dir():
            raise BenchmarkError(
                f"{DATA_VARIABLE} names {folder}, which is not a folder. Correct it, or separate several folders "
                f"by '{os.pathsep}'."
            )
    return folders


def offline() -> bool:
    """Whether BENCHMARK_OFFLINE forbids downloads."""
    return os.environ.get(OFFLINE_VARIABLE, "").lower() not in ("", "0", "false", "no")


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, through links, each real folder once, in sorted
    order.
    """
    seen: set[Path] = set()
    for place, inner, names in os.walk(folder, followlinks=True):
        real = Path(place).resolve()
        if real in seen:
            inner.clear()
            continue
        seen.add(real)
        inner.sort()
        for name in sorted(names):
            yield Path(place, name)


def write_to_cache(path: Path, content: str) -> None:
    """Write to the cache; a cache that cannot be written is done without."""
    with contextlib.suppress(OSError, BenchmarkError):
        write_whole(path, content.encode(), durable=False)
