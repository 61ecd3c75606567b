"""What of an encoder's files decides the tokens of a text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from benchmark.contracts.hashes import sha256_hex, sha256_of_file
from benchmark.training.encoders.names import FETCHED_FILES


@cache
def vocabulary_digest(folder: Path) -> str:
    """Give the sha256 of all files beside the weights that a tokenizer may read."""
    found = {path for pattern in FETCHED_FILES if pattern != "*.safetensors" for path in folder.glob(pattern)}
    return sha256_hex(*(f"{path.name}\n{sha256_of_file(path)}\n" for path in sorted(found)))
