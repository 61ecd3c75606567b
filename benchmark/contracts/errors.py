"""Errors meant for the user: what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_NAMES_SHOWN = 20


class BenchmarkError(Exception):
    """A mistake in the input or the surroundings.

    The command line prints its message and exits with code 2.
    """


class NotRankedError(BenchmarkError):
    """A method that may only be shown was about to take part in a ranking."""

    def __init__(self, method: str, oracle: bool) -> None:
        why = "reads what nobody has (clean labels, or the true rate or matrix)" if oracle else "is a control"
        super().__init__(
            f"'{method}' {why}: it is shown and marked, and never ranked, so it cannot be the reference. Name a method "
            "that is ranked, as in cross_entropy; `compare` sets any two side by side."
        )


def refuse_unranked(method: str, oracle: bool, control: bool) -> None:
    """Raise NotRankedError for an oracle or a control."""
    if oracle or control:
        raise NotRankedError(method, oracle)


def nearest(given: str, allowed: Iterable[str]) -> list[str]:
    """The names that are most like a given one, at most three, nearest first.

    >>> nearest("gcee", ["elr", "gce"])
    ['gce']
    """
    plain = {name.casefold(): name for name in sorted(allowed, reverse=True)}
    return [plain[name] for name in difflib.get_close_matches(given.casefold(), plain, n=3, cutoff=0.5)]


class UnknownNameError(BenchmarkError):
    """A name that is not among the allowed ones; the message lists them, nearest first.

    >>> str(UnknownNameError("method", "gec", ["elr", "gce"]))
    "Unknown method 'gec'. Did you mean 'gce'? Known: gce, elr."
    """

    def __init__(self, kind: str, given: str, allowed: Iterable[str], hint: str = "") -> None:
        self.kind = kind
        names = sorted(allowed)
        near = nearest(given, names)
        ordered = near + [name for name in names if name not in near]
        shown = ", ".join(ordered[:MOST_NAMES_SHOWN])
        if len(ordered) > MOST_NAMES_SHOWN:
            shown += f", … ({len(ordered)} in all)"
        guess = f" Did you mean '{near[0]}'?" if near else ""
        known = f" Known: {shown}." if names else " None is allowed here."
        super().__init__(f"Unknown {kind} '{given}'.{guess}{known}" + (f" {hint}" if hint else ""))
