"""The lines that the texts of several trials share, apart from each one's own."""

from __future__ import annotations

from collections.abc import Mapping

BY_LINE = ("config", "provenance")
"""The parts of which trials share most lines. Others are tables and are not split."""

Parts = Mapping[str, tuple[str, ...]]


def shared_text(texts: Mapping[str, Parts]) -> tuple[str, dict[str, str]]:
    """Split texts into the lines that all have, and what each has beside them.

    Parameters
    ----------
    texts
        By name, the lines of each part of a text.

    Returns
    -------
    tuple
        The shared text, and by name the rest. A part is headed by its name.

    >>> one, two = {"config": ("  x", "  s 1")}, {"config": ("  x", "  s 2")}
    >>> shared_text({"a": one, "b": two})
    ('config\\n  x', {'a': 'config\\n  s 1', 'b': 'config\\n  s 2'})
    """
    every = list(texts.values())
    common = {part: _in_all(part, [set(each.get(part, ())) for each in every], every[0]) for part in BY_LINE if every}
    own = {name: _joined(_without(parts, common)) for name, parts in texts.items()}
    return _joined(common), own


def _in_all(part: str, lines: list[set[str]], first: Parts) -> tuple[str, ...]:
    shared = set.intersection(*lines)
    return tuple(line for line in first.get(part, ()) if line in shared)


def _without(parts: Parts, common: Parts) -> dict[str, tuple[str, ...]]:
    return {part: tuple(line for line in lines if line not in common.get(part, ())) for part, lines in parts.items()}


def _joined(parts: Parts) -> str:
    return "\n".join(line for part, lines in parts.items() if lines for line in (part, *lines))
