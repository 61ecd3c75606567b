"""The one place where the command line writes: any text, on any output, without harm
and without a traceback.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import IO, Any

from benchmark.contracts.errors import BenchmarkError

UNSHOWN = "�"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys or cannot show: control characters but tab and line feed, signs
that turn the direction of writing, and halves of surrogate pairs.
"""

INTERRUPTED = "Interrupted. Finished trials are safe; the same command goes on with the rest."
STOPPED = "Interrupted. What is written is whole; run the same command again."
LONGEST_ARGUMENT = 10_000
USUAL_COLUMNS = 80
"""The width of what is no terminal."""

LEAST_COLUMNS = 20
DEEPER = "  "
LONG_WORD = re.compile(r"\S{400,}")


def defused(text: str) -> str:
    """Give the text with U+FFFD for every letter that a terminal would obey instead of
    showing it.

    >>> defused("a\\x1b[31mred\\tb")
    'a�[31mred\\tb'
    """
    return CONTROL.sub(UNSHOWN, text)


def say(text: str = "", *, error: bool = False) -> None:
    """Print a line, defused.

    Where the reader of a pipe has gone, nothing is printed any more.
    """
    _write(sys.stderr if error else sys.stdout, f"{defused(text)}\n")


def tell(text: str, *, mark: str = "", error: bool = False) -> None:
    """Print sentences, defused, with lines broken between words at the output's width.

    A `mark` stands before them, and further lines are indented by its width.
    """
    stream = sys.stderr if error else sys.stdout
    say(wrapped(defused(text), width_of(stream), mark, " " * len(mark)), error=error)


def width_of(stream: IO[str] | None) -> int:
    """Give the width of an output: what COLUMNS says, that of the terminal, or 80."""
    with contextlib.suppress(ValueError):
        return max(LEAST_COLUMNS, int(os.environ.get("COLUMNS", "")))
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return max(LEAST_COLUMNS, os.get_terminal_size(stream.fileno()).columns)  # type: ignore[union-attr]
    return USUAL_COLUMNS


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    """Give a text with its lines broken between words; no word is cut.

    Parameters
    ----------
    text
        Any text. Lines that fit stay as they are.
    width
        The most columns of a line. A longer word stands alone on a longer line.
    first
        What stands before the first line.
    rest
        What stands before every other line.

    >>> wrapped("one two three", 9, "- ", "  ")
    '- one two\\n  three'
    """
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        lines += _broken(line, width, rest if number else first, rest)
    return "\n".join(lines)


def _broken(line: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Yield the lines that one line is broken into; those after an indented one stand
    deeper.
    """
    from rich.cells import cell_len

    if cell_len(first + line) <= width:
        yield first + line
        return
    indent = line[: len(line) - len(line.lstrip(" "))]
    below = rest + indent + (DEEPER if indent else "")
    made, empty = first + indent, True
    for gap, word in re.findall(r"( *)([^ ]+)", line):
        space = "" if empty else gap
        if not empty and cell_len(made + space + word) > width:
            yield made
            made, space = below, ""
        made, empty = made + space + word, False
    yield made


def shortened(text: str, most: int) -> str:
    """Give the first line of a text, and of that no more words than fit.

    >>> shortened("one two three\\nfour", 9), shortened("one two", 9)
    ('one two …', 'one two')
    """
    line = text.strip().partition("\n")[0]
    if len(line) <= most:
        return line
    words = line[: most - 1].rpartition(" ")[0].rstrip() or line[: most - 2]
    return f"{words} …"


def printable(text: str, length: int) -> str:
    """Write a text of a stranger on one line, cut between words, without control
    characters, which must not reach the terminal.
    """
    plain = "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
    return shortened(plain, length)


def say_bold(text: str) -> None:
    """Print a line as `say` does, in bold on a terminal."""
    bold = sys.stdout is not None and sys.stdout.isatty()
    _write(sys.stdout, f"\x1b[1m{defused(text)}\x1b[0m\n" if bold else f"{defused(text)}\n")


def say_json(content: Any, indent: int = 1) -> None:
    """Print JSON.

    Letters that a terminal would obey stand in it as escapes, so that it reads back the
    same.
    """
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    say(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def prepare_streams() -> None:
    """Let both outputs replace what their encoding cannot show, whatever the locale
    says.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def finish_streams() -> None:
    """Write out what is buffered, so that trouble with it arises here and not while
    Python ends.
    """
    for stream in (sys.stdout, sys.stderr):
        _write(stream, "")


def _write(stream: IO[str] | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        mute(stream)
    except OSError:
        # What is buffered cannot be written later, either; Python would complain of it at its end.
        mute(stream)
        raise


def mute(stream: IO[str]) -> None:
    """Point a stream that nobody reads to nowhere."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def check_arguments(arguments: Sequence[str]) -> None:
    """Raise a BenchmarkError for an argument that no terminal can show, or that is
    longer than any list of names.
    """
    for number, argument in enumerate(arguments, 1):
        if found := CONTROL.search(argument):
            raise BenchmarkError(
                f"Argument {number}, '{defused(argument)}', holds the letter U+{ord(found[0]):04X}, which cannot be "
                "shown. Leave it out; a file whose name holds it must be renamed."
            )
        if len(argument) > LONGEST_ARGUMENT:
            raise BenchmarkError(
                f"Argument {number} has {len(argument):,} letters; at most {LONGEST_ARGUMENT:,} are read. A long list "
                "of names belongs into a grid file (--grid FILE.toml)."
            )


def abridged(message: str) -> str:
    """Give the message with the middle left out of words that are longer than any name.

    >>> abridged("Method " + "a" * 1000) == "Method " + "a" * 200 + "…" + "a" * 40
    True
    """
    return LONG_WORD.sub(lambda found: f"{found[0][:200]}…{found[0][-40:]}", message)
