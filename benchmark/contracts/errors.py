"""Errors meant for the user: what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_NAMES_SHOWN = 20


class BenchmarkError(Exception):
    """A mistake in the input or the surroundings; the command line prints it and exits with code 2."""


def refuse_oracle(method: str, oracle: bool) -> None:
    """Raise if a method that reads what nobody has is about to be ranked or to rank others."""
    if oracle:
        raise BenchmarkError(
            f"'{method}' reads what nobody has (clean labels, or the true rate or matrix): it is shown and marked, and "
            "never ranked, so it cannot be the reference. Name a method that is ranked, as in cross_entropy."
        )


class UnknownNameError(BenchmarkError):
    """A name that is not among the allowed ones; the message lists them, nearest first.

    >>> str(UnknownNameError("method", "gec", ["elr", "gce"]))
    "Unknown method 'gec'. Did you mean 'gce'? Known: gce, elr."
    """

    def __init__(self, kind: str, given: str, allowed: Iterable[str], hint: str = "") -> None:
        names = sorted(allowed)
        plain = {name.casefold(): name for name in reversed(names)}
        near = [plain[name] for name in difflib.get_close_matches(given.casefold(), plain, n=3, cutoff=0.5)]
        ordered = near + [name for name in names if name not in near]
        shown = ", ".join(ordered[:MOST_NAMES_SHOWN])
        if len(ordered) > MOST_NAMES_SHOWN:
            shown += f", … ({len(ordered)} in all)"
        guess = f" Did you mean '{near[0]}'?" if near else ""
        known = f" Known: {shown}." if names else " None is allowed here."
        super().__init__(f"Unknown {kind} '{given}'.{guess}{known}" + (f" {hint}" if hint else ""))
