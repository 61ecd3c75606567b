"""Names in CSV files, which spreadsheets open: none may be read as a formula, and each
can be read back.
"""

from __future__ import annotations

import re

FORMULA = re.compile(r"'*[=+\-@\t\r]")
DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defused_cell(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula.

    >>> defused_cell("=1+1"), defused_cell("plain")
    ("'=1+1", 'plain')
    """
    return f"'{text}" if FORMULA.match(text) else text


def restored_cell(text: str) -> str:
    """The text that `defused_cell` was given.

    >>> restored_cell(defused_cell("'=1+1"))
    "'=1+1"
    """
    return text[1:] if DEFUSED.match(text) else text
