"""sha256 of files, remembered between runs by path, size and time of change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora.folders import cache_folder, write_atomically

_known: dict[str, str] = {}


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes; a file that did not change since it was last read is not read again."""
    store = cache_folder() / "hashes.json"
    if not _known:
        _known.update(_stored(store))
    status = path.stat()
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    if key not in _known:
        _known[key] = _read(path)
        write_atomically(store, json.dumps(_stored(store) | _known, indent=0, sort_keys=True))
    return _known[key]


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BenchmarkError(f"Cannot read {path}: {error.strerror}. Make it readable or move it away.") from None


def _stored(store: Path) -> dict[str, str]:
    try:
        content = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in content.items()} if isinstance(content, dict) else {}
