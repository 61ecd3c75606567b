"""sha256 of files, remembered between runs by path, size and time of change."""

from __future__ import annotations

import json
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_of_file
from benchmark.corpora.folders import write_to_cache
from benchmark.files.cache import cache_folder
from benchmark.files.leftovers import remove_leftovers

_known: dict[str, str] = {}


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes.

    A file that did not change since it was last read is not read again.
    """
    store = cache_folder() / "hashes.json"
    if not _known:
        remove_leftovers(store.parent, *store.parent.glob("files/*"))
        _known.update(_stored(store))
    status = path.stat()
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    if key not in _known:
        _known[key] = _read(path)
        write_to_cache(store, json.dumps(_stored(store) | _known, indent=0, sort_keys=True))
    return _known[key]


def _read(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError as error:
        raise BenchmarkError(f"Cannot read {path}: {error.strerror}. Make it readable or move it away.") from None


def _stored(store: Path) -> dict[str, str]:
    try:
        content = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in content.items()} if isinstance(content, dict) else {}
