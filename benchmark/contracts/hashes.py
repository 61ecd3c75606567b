"""Hashes of content: sha256 in hexadecimal digits."""

from __future__ import annotations

import hashlib
from io import BufferedIOBase
from pathlib import Path

SHA256_DIGITS = 64


def sha256_hex(*parts: str | bytes | memoryview, digits: int = SHA256_DIGITS) -> str:
    """Give the sha256 of some content.

    Parameters
    ----------
    parts
        The content, one part after the other, with nothing between them. Text counts
        as its bytes in UTF-8, lone surrogates included.
    digits
        How many of the 64 hexadecimal digits are given.

    >>> sha256_hex("ab", b"c", digits=8) == sha256_hex("abc")[:8]
    True
    """
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part)
    return total.hexdigest()[:digits]


def sha256_of_file(path: Path) -> str:
    """Give the sha256 of a file's bytes, all 64 digits."""
    with path.open("rb") as stream:
        return sha256_of_stream(stream)


def sha256_of_stream(stream: BufferedIOBase) -> str:
    """Give the sha256 of what a file holds from its place on, all 64 digits."""
    return hashlib.file_digest(stream, "sha256").hexdigest()
