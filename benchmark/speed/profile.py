"""Where a command's time goes, by package or by file of this project."""

from __future__ import annotations

import pstats
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmark.records.code.provenance import ROOT

SHOWN = 6
BUILT_IN = "built in"


def seconds_by_module(arguments: Sequence[str]) -> dict[str, float]:
    """Seconds in the code of each module, most first, of the command under Python's
    profiler, which slows it.

    What is built in counts for the module that calls it.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-profile-") as folder:
        path = Path(folder) / "profile"
        words = [sys.executable, "-m", "cProfile", "-o", str(path), "-m", "benchmark", *arguments]
        subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
        calls = pstats.Stats(str(path)).stats  # type: ignore[attr-defined]
    found: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own_s, _, callers) in calls.items():
        if _module(file) != BUILT_IN or not callers:
            found[_module(file)] += own_s
            continue
        for (caller, _, _), (_, _, part_s, _) in callers.items():
            found[_module(caller)] += part_s
    return dict(sorted(found.items(), key=lambda item: -item[1])[:SHOWN])


def _module(file: str) -> str:
    """A short name: this project's file, another's package, or `built in`.

    >>> _module("/usr/lib/python3.12/site-packages/pandas/core/frame.py"), _module("~")
    ('pandas', 'built in')
    """
    path = Path(file)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return path.relative_to(ROOT).as_posix()
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    return path.stem if path.suffix == ".py" else BUILT_IN
