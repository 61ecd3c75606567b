"""Code that was moved and did not change: digests of before, and those of the same code
now.

`python -m benchmark.records.code.moves COMMIT…` writes the map between commits and the
work tree. It is right only for methods that do the same in all of them: only moves, new
names and declared ranges may lie between. The versions of a method must be equal, and
the committed first steps of every method show that its behaviour is.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

MAP = Path(__file__).parent / "moves.json"
PACKAGES = ("benchmark", "methods", "noise")
DIGESTS = """
import json
try:
    from benchmark.records.code.provenance import code_digest
except ImportError:
    from benchmark.provenance import code_digest
from benchmark.contracts import methods
print(json.dumps({f"{name} {methods[name].version}": code_digest(methods[name]) for name in methods}))
"""


def same_code(recorded: str, current: str) -> bool:
    """Whether a record's digest is that of the current code, under its present or its
    earlier place.
    """
    return recorded == current or _moves().get(recorded) == current


@functools.lru_cache(maxsize=1)
def _moves() -> dict[str, str]:
    moves: dict[str, str] = json.loads(MAP.read_text(encoding="utf-8"))
    return moves


def map_moves(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """Digest before to digest now of each method that has two.

    >>> map_moves({"elr": "a", "gce": "b", "gone": "c"}, {"elr": "x", "gce": "b"})
    {'a': 'x'}
    """
    return {before[name]: now[name] for name in sorted(before) if now.get(name, before[name]) != before[name]}


def write_map(root: Path, commits: Sequence[str]) -> None:
    """Write the map between the commits and the work tree of a checkout."""
    now = _digests(root)
    moves: dict[str, str] = {}
    for commit in commits:
        packed = subprocess.run(["git", "-C", str(root), "archive", commit, *PACKAGES], capture_output=True, check=True)
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
                archive.extractall(folder, filter="data")
            moves |= map_moves(_digests(Path(folder)), now)
    MAP.write_text(json.dumps(moves, indent=1) + "\n", encoding="utf-8")


def _digests(tree: Path) -> dict[str, str]:
    """The digest of each registered method, by name and version, by the code of a
    tree.
    """
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS], cwd=tree, env=environment, capture_output=True, text=True, check=True
    )
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


if __name__ == "__main__":
    write_map(Path(__file__).resolve().parents[3], sys.argv[1:])
