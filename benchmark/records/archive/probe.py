"""A trial reading of an archive in a process of its own, which may die of it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from benchmark.contracts.errors import BenchmarkError
from benchmark.records.archive.rows import MIB, Rows

MOST_MEMORY = 1024 * MIB
OUT_OF_MEMORY = 3
SECONDS = 300


def survive(path: Path, scalars: pa.Schema, record: str, total: str) -> None:
    """Raise a BenchmarkError where reading the file ends or fills the process.

    Some changed bytes end the whole process inside the Parquet library, and a page can
    lie about its size. So a file that does not prove itself by its sha256 is first read
    in a process of its own, with a bound on its memory.
    """
    code = _exit_code(path, ",".join(scalars.names), record, total)
    if code == OUT_OF_MEMORY:
        raise BenchmarkError(f"{path} is refused: reading it takes over {MOST_MEMORY // MIB} MiB. Leave it out.")
    if code < 0:
        raise BenchmarkError(
            f"{path}: its Parquet structure is broken, reading it ends the process. Fetch it again, or pack it anew "
            "from the run."
        )


def _exit_code(path: Path, names: str, record: str, total: str) -> int:
    """How `read_all` ends in a fresh interpreter."""
    code = f"from {__name__} import read_all; import sys; read_all(*sys.argv[1:])"
    words = [sys.executable, "-c", code, str(path), names, record, total]
    # Other pools of memory reserve more addresses than the bound allows.
    surroundings = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"}
    surroundings |= {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    try:
        return subprocess.run(words, env=surroundings, capture_output=True, timeout=SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        raise BenchmarkError(f"{path} is refused: reading it takes more than {SECONDS} s. Leave it out.") from None


def read_all(path: str, names: str, record: str, total: str) -> None:
    """Read every row under a bound of memory.

    Errors that can be caught are left to the real reading.
    """
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = used + MOST_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    scalars = pa.schema([(name, pa.string()) for name in names.split(",")])
    try:
        for _ in Rows(Path(path).read_bytes(), Path(path), scalars, record, total, typed=False):
            pass
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except Exception:
        sys.exit(1)
