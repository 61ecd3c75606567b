"""The contract of a method, checked on small data in memory."""

from __future__ import annotations

from benchmark.conformance.checks import CHECKS, run_check

__all__ = ["CHECKS", "run_check"]
