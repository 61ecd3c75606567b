"""Marks for sources: a letter a source, spelt out under the table."""

from __future__ import annotations

import string
from typing import Any

import pandas as pd

SECONDARY = "*"


class Sources:
    """Gives each source its letter as it comes; written out, the key to the letters.

    >>> sources = Sources()
    >>> sources.mark({"source": "README", "secondary": True})
    ' [a*]'
    >>> str(sources)
    "a: README. *: read in a third party's summary or reprint. "
    """

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}
        self._secondary = False

    def mark(self, figure: pd.Series[Any] | dict[str, Any]) -> str:
        """Write the source's letter in brackets, with a star where the figure is
        secondary.
        """
        source = str(figure["source"])
        letter = self._letters.setdefault(source, string.ascii_letters[len(self._letters)])
        self._secondary |= bool(figure["secondary"])
        return f" [{letter}{SECONDARY if figure['secondary'] else ''}]"

    def __str__(self) -> str:
        key = "".join(f"{letter}: {source}. " for source, letter in self._letters.items())
        return key + (f"{SECONDARY}: read in a third party's summary or reprint. " if self._secondary else "")
