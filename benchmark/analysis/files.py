"""Files written whole or not at all."""

from __future__ import annotations

import os
import re
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> Path:
    """Writes under a temporary name, then moves: a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        waiting.write_bytes(content)
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
    return path


def slug(name: str) -> str:
    """A name that is safe in a file and an address.

    >>> slug("TREC-6 (coarse)/<b>")
    'trec-6-coarse-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
