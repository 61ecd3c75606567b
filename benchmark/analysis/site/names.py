"""Where each page of a site lies."""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.analysis.files import slug
from benchmark.contracts.hashes import sha256_hex

DIGITS = 8
LONGEST = 60


def file_names(methods: Iterable[str]) -> dict[str, str]:
    """Give each method a file name of its own.

    A name that another method would have, too, or that is long, ends in a digest.

    >>> file_names(["gce", "Gce"])["gce"] == "gce"
    False
    >>> file_names(["gce", "elr"])
    {'gce': 'gce', 'elr': 'elr'}
    """
    names = list(methods)
    slugs = [slug(name) for name in names]
    return {
        name: base
        if slugs.count(base) == 1 and len(base) <= LONGEST
        else f"{base[:LONGEST]}-{sha256_hex(name, digits=DIGITS)}"
        for name, base in zip(names, slugs, strict=True)
    }


def method_path(file: str) -> str:
    """Give the path of a method's page."""
    return f"methods/{file}.html"


def cell_path(cell: str) -> str:
    """Give the path of a cell's page."""
    return f"cells/{slug(cell)}.html"


def trials_path(cell: str, file: str) -> str:
    """Give the path of the page with a method's trials in a cell."""
    return f"trials/{slug(cell)}-{file}.html"
