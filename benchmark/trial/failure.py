"""What a failed record says of an exception."""

from __future__ import annotations

import traceback
from pathlib import Path

from benchmark.records.schema import Failure

TRACEBACK_LINES = 12


def failure_of(error: BaseException) -> Failure:
    """Give what an exception says of the trial that it ended."""
    lines = "".join(traceback.format_exception(error)).strip().splitlines()[-TRACEBACK_LINES:]
    message = str(error)
    if isinstance(error, SystemExit):
        message = f"The method asked for the end of its process (sys.exit({error.code!r}))."
    elif isinstance(error, MemoryError):
        message = message or "The process asked for more memory than it could have."
    elif isinstance(error, KeyboardInterrupt):
        message = message or "The method raised it itself; nobody interrupted the run."
    tail = [without_path(line) for line in lines]
    return Failure(error_class=type(error).__name__, message=message, traceback_tail=tail)


def without_path(line: str) -> str:
    """Give traceback lines without the folders of one machine."""
    head, quote, rest = line.partition('File "')
    if not quote:
        return line
    path, quote_end, tail = rest.partition('"')
    return f'{head}File "{"/".join(Path(path).parts[-2:])}"{tail}' if quote_end else line
