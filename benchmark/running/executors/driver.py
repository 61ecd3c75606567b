"""What a driver gives an executor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.records.schema import Record


@dataclass(frozen=True)
class Driver:
    """Where records go, and whether to stop."""

    on_record: Callable[[Record], None]
    should_stop: Callable[[], bool]
