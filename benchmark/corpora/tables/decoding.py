"""The bytes of a file as text: compression, and the encoding where nobody names it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.compression import unpacked

ENCODING = "utf-8-sig"
WESTERN = "cp1252"
MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE = 100_000
MOST_PLACES_SHOWN = 10
SHARE_OF_UTF8_IN_MIXED = 0.1
SHARE_OF_ZEROS_IN_UTF16 = 0.1
"""A file of valid UTF-8 with fewer zeros has some stray ones."""

LARGEST_CODE = 0x80
EXAMPLE_LENGTH = 30
MOST_FOREIGN_IN_LATIN = 0.25
"""Share of bytes beyond ASCII up to which a legacy text is taken for a Latin one."""

BETWEEN_WORDS = re.compile(r'[\s;,|"]+')
SCRIPTS = ("cp1251", "cp1253", "shift_jis", "gb18030", "big5", "euc_kr")


def read_content(path: Path, gzipped: bool | None = None) -> bytes:
    """The bytes of a file, decompressed where it is compressed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BenchmarkError(f"Cannot read {path}: {error}.") from None
    return content if gzipped is False else unpacked(path, content)


def decoded(content: bytes, encoding: str, path: Path) -> str:
    """The text of a file; bytes of another encoding are named by their lines."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        lines = [number for number, line in enumerate(content.split(b"\n"), 1) if not _decodes(line, encoding)]
        where = f"line {places(lines)}" if len(lines) == 1 else f"lines {places(lines)}"
        raise BenchmarkError(
            f"Cannot read {path} in {encoding}: {where if lines else error.reason}. These bytes are in another "
            f"encoding than the rest, often cp1252 or latin-1; save the whole file as {encoding}."
        ) from None


def places(numbers: Sequence[int]) -> str:
    """Row or line numbers, the first ten and how many there are.

    >>> places([3]), places(range(1, 13))
    ('3', '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … (12 in all)')
    """
    shown = ", ".join(map(str, numbers[:MOST_PLACES_SHOWN]))
    return shown if len(numbers) <= MOST_PLACES_SHOWN else f"{shown}, … ({len(numbers)} in all)"


def check_encoding(name: str) -> str:
    """The encoding of this name; an unknown name is an error."""
    try:
        codecs.lookup(name)
    except LookupError:
        raise BenchmarkError(
            f"--encoding is '{name}', which Python does not know. Name one such as utf-8, utf-16, cp1252, latin-1, "
            "cp1251, shift_jis or gb18030."
        ) from None
    return name


def find_encoding(content: bytes, path: Path) -> str:
    """The encoding that the bytes are in.

    It is UTF-8 where they are valid, UTF-16 or UTF-32 by mark or by their zeros, and
    else the one that fits their letters best. A file of several encodings is an error
    that names its lines.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return name
    zeros = content[:SAMPLE].count(0)
    if zeros and not (_decodes(content, ENCODING) and zeros < SHARE_OF_ZEROS_IN_UTF16 * len(content[:SAMPLE])):
        return _by_zeros(content[:SAMPLE])
    if _decodes(content, ENCODING):
        return ENCODING
    foreign = [line for line in content.split(b"\n") if not line.isascii()]
    in_utf8 = sum(_decodes(line, ENCODING) for line in foreign)
    if in_utf8 > SHARE_OF_UTF8_IN_MIXED * len(foreign):
        decoded(content, ENCODING, path)
    return _legacy(b"\n".join(foreign)[:SAMPLE])


def example_of(text: str) -> str:
    """A word of a text with a letter beyond ASCII: a reader sees by it whether the
    encoding is right.
    """
    at = next((place for place, letter in enumerate(text) if ord(letter) >= LARGEST_CODE), None)
    if at is None:
        return ""
    around = text[max(0, at - EXAMPLE_LENGTH) : at + EXAMPLE_LENGTH]
    return next((word for word in BETWEEN_WORDS.split(around) if not word.isascii()), around)


def _by_zeros(sample: bytes) -> str:
    """UTF-16 without a mark: Western letters have a zero beside each."""
    return "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"


def _legacy(sample: bytes) -> str:
    """An encoding of one language area, for bytes that are not UTF-8."""
    from charset_normalizer import from_bytes

    # Other Latin codes are left out: their letters cannot be told from Western ones.
    western = WESTERN if _decodes(sample, WESTERN) else "latin-1"
    if sum(code >= LARGEST_CODE for code in sample) < MOST_FOREIGN_IN_LATIN * len(sample):
        return western
    best = from_bytes(sample, cp_isolation=[WESTERN, *SCRIPTS], preemptive_behaviour=False).best()
    return western if best is None or WESTERN in best.could_be_from_charset else best.encoding


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
