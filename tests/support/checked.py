"""The checks of a method's contract, run once for the tests that each read one."""

from functools import cache

from benchmark.conformance import run_checks
from benchmark.contracts import method_from


@cache
def problems_of(name):
    """The problem that each check finds, or None, by the check's name."""
    return {verdict.check: verdict.problem for verdict in run_checks(method_from(name))}
