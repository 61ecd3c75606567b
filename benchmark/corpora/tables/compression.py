"""Tables in compressed files: one alone, or the only one of a zip archive."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.layout import FORMATS

UNPACK: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
"""How content is decompressed, by its first bytes."""

ENDS = (".gz", ".bz2", ".xz", ".zip")
"""The ends of the names of compressed files."""

ZIP_MARK = b"PK\x03\x04"
PARTS_OF_WORKBOOKS = {"[Content_Types].xml", "mimetype"}
"""Files that a spreadsheet, which is a zip archive, too, has and a zip of tables has
not.
"""


def inner_name(path: Path) -> str:
    """Give the name of the table that a file holds: its own where it is not
    compressed.
    """
    if path.suffix.lower() not in ENDS:
        return path.name
    if path.suffix.lower() == ".zip" and path.is_file():
        with _opened(path, path.read_bytes()) as archive:
            return PurePosixPath(_only_table(path, archive)).name
    return path.with_suffix("").name


def unpacked(path: Path, content: bytes) -> bytes:
    """Give what a file holds, decompressed where it is compressed.

    A damaged file, and a zip archive of no or several tables, is a BenchmarkError.
    """
    if content.startswith(ZIP_MARK):
        return _member(path, content)
    try:
        for mark, unpack in UNPACK.items():
            if content.startswith(mark):
                return unpack(content)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise BenchmarkError(f"Cannot read {path}: {error}. Copy or download it anew.") from None
    return content


def _member(path: Path, content: bytes) -> bytes:
    """The only table of a zip archive; a spreadsheet stays as it is."""
    with _opened(path, content) as archive:
        if PARTS_OF_WORKBOOKS & set(archive.namelist()):
            return content
        name = _only_table(path, archive)
        try:
            return archive.read(name)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
            raise BenchmarkError(f"Cannot read {name} in {path}: {error}. Unpack it by hand.") from None


def _opened(path: Path, content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise BenchmarkError(f"Cannot read {path}: {error}. Copy or download it anew.") from None


def _only_table(path: Path, archive: zipfile.ZipFile) -> str:
    """The name of the table in an archive, beside which readmes and hidden files may
    stand.
    """
    files = [name for name in archive.namelist() if not name.endswith("/") and not _is_hidden(name)]
    tables = [name for name in files if PurePosixPath(name).suffix.lower() in FORMATS] if len(files) > 1 else files
    if len(tables) != 1:
        held = ", ".join(tables or files) or "nothing"
        raise BenchmarkError(f"{path} must hold one table; it holds {held}. Unpack it and name the files themselves.")
    return tables[0]


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
