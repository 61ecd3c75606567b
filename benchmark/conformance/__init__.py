"""The contract of a method, checked on small data in memory."""

from __future__ import annotations

from benchmark.conformance.checks import CHECKS, Verdict, first_problem, run_check, run_checks

__all__ = ["CHECKS", "Verdict", "first_problem", "run_check", "run_checks"]
