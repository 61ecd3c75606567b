"""Files of a report: written whole or not at all, under names that are safe."""

from __future__ import annotations

import re
from pathlib import Path

from benchmark.files import write_whole


def write_bytes(path: Path, content: bytes) -> Path:
    """Writes under a temporary name, then moves: a reader sees the old file or the new one, never a part."""
    return write_whole(path, content, durable=False)


def slug(name: str) -> str:
    """A name that is safe in a file and an address.

    >>> slug("TREC-6 (coarse)/<b>")
    'trec-6-coarse-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
