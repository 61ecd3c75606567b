"""What an archive consists of: its columns, the sums of its rows, and its seal."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from benchmark.contracts.hashes import SHA256_DIGITS, sha256_hex

RECORD, SUM = "record", "sha256"
SCALARS = pa.schema(
    [
        ("trial", pa.string()),
        ("cell", pa.string()),
        ("protocol", pa.int64()),
        ("status", pa.string()),
        ("method", pa.string()),
        ("method_version", pa.int64()),
        ("corpus", pa.string()),
        ("noise", pa.string()),
        ("encoder", pa.string()),
        ("recipe", pa.string()),
        ("seed", pa.int64()),
        ("created", pa.string()),
        ("wall_s", pa.float64()),
        ("last_test_accuracy", pa.float64()),
        ("noisy_valid_test_accuracy", pa.float64()),
    ]
)
"""Scalars for a quick look."""

COLUMNS = SCALARS.append(pa.field(RECORD, pa.string())).append(pa.field(SUM, pa.string()))
"""Beside the scalars, the complete record as JSON, which alone is read back, and the
row's sha256.
"""

SEAL = b"noisy-label-benchmark.sha256"
SEAL_HEAD = SEAL + b"\x18\x40"
"""The seal's key in the file's footer, as Thrift's compact protocol has it before a
text of 64 bytes.
"""

UNSEALED = b"0" * SHA256_DIGITS
"""What stands in the place of the seal while the file's sha256 is taken."""


def row_sum(row: dict[str, Any]) -> str:
    """The sha256 of a row: its scalars as a JSON list, then the record's bytes."""
    scalars = json.dumps([row.get(name) for name in SCALARS.names], ensure_ascii=False)
    return sha256_hex(f"{scalars}\n{row[RECORD]}")
