"""A card's files: found by hash in the folders of BENCHMARK_DATA, then in the cache,
then downloaded.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmark.contracts import BenchmarkError
from benchmark.corpora.card import SourceFile
from benchmark.corpora.folders import DATA_VARIABLE, OFFLINE_VARIABLE, data_folders, files_below, offline
from benchmark.corpora.hashes import sha256_of
from benchmark.files.cache import cache_folder
from benchmark.files.disk import DISK_TROUBLE
from benchmark.files.leftovers import temporary_beside

TIMEOUTS_S = (5, 60)
"""Seconds to wait for a connection, and for the next bytes."""


@dataclass(frozen=True)
class MissingFile:
    """A file that is not at hand.

    `wrong`: a file in its place with other bytes, as `path has sha256 …`.
    """

    name: str
    sha256: str
    url: str | None
    bytes: int | None
    wrong: str = ""

    def __str__(self) -> str:
        expected = f"{self.name} (sha256 {self.sha256})"
        if self.wrong:
            return f"{expected}: {self.wrong}"
        return f"{expected}: {self.url or 'no public address'}"


WHERE_TO_PUT = f"Put the files into a folder and name the folder in {DATA_VARIABLE}; names do not matter."

_given: dict[str, Path] = {}


def give(name: str, path: Path) -> SourceFile:
    """A user's own file as a file of a card.

    It is found where it is, whatever the folders of BENCHMARK_DATA.
    """
    sha256 = sha256_of(path)
    _given[sha256] = path.absolute()
    return SourceFile(name=name, sha256=sha256, bytes=path.stat().st_size)


def find(files: Sequence[SourceFile]) -> tuple[dict[str, Path], tuple[MissingFile, ...]]:
    """The files at hand by name, and those missing; downloads nothing."""
    roots = data_folders()
    places = [(path, path.stat().st_size) for root in roots for path in files_below(root) if path.is_file()]
    found: dict[str, Path] = {}
    missing: list[MissingFile] = []
    for file in files:
        path = _as_given(file) or _with_hash(file, places) or _in_cache(file)
        if path is not None:
            found[file.name] = path
        else:
            wrong = _wrong_copy(file, places, roots)
            missing.append(MissingFile(file.name, file.sha256, file.url, file.bytes, wrong))
    return found, tuple(missing)


def fetch(files: Sequence[SourceFile]) -> dict[str, Path]:
    """All files by name, downloaded where they are not at hand.

    What cannot be had is listed at once.
    """
    found, missing = find(files)
    refuse_wrong(missing)
    unreachable = [file for file in missing if file.url is None or offline()]
    if unreachable:
        why = f"{OFFLINE_VARIABLE} is set" if offline() else "without a public address"
        raise BenchmarkError(_listing(f"{len(unreachable)} files are missing ({why}):", unreachable))
    return found | {file.name: _download(file) for file in missing}


def refuse_wrong(missing: Sequence[MissingFile]) -> None:
    """Raise if a missing file's place is taken by other bytes."""
    wrong = [file for file in missing if file.wrong]
    if wrong:
        raise BenchmarkError(
            "A file has the expected name but other bytes:\n"
            + "\n".join(f"  expected {file}" for file in wrong)
            + "\nReplace it by the expected one, or remove it to have that downloaded. Was it edited or its line "
            "ends converted?"
        )


def _as_given(file: SourceFile) -> Path | None:
    path = _given.get(file.sha256)
    return path if path is not None and path.is_file() and sha256_of(path) == file.sha256 else None


def _with_hash(file: SourceFile, places: Sequence[tuple[Path, int]]) -> Path | None:
    base = Path(file.name).name
    likely = [path for path, size in places if (path.name == base if file.bytes is None else size == file.bytes)]
    likely.sort(key=lambda path: path.name != base)
    return next((path for path in likely if sha256_of(path) == file.sha256), None)


def _wrong_copy(file: SourceFile, places: Sequence[tuple[Path, int]], roots: Sequence[Path]) -> str:
    base = Path(file.name).name
    expected = {place for root in roots for place in (root / file.name, root / base)}
    for path, size in places:
        if path in expected or (path.name == base and size == file.bytes):
            return f"{path} has sha256 {sha256_of(path)}"
    return ""


def _cache_place(sha256: str, name: str) -> Path:
    return cache_folder() / "files" / sha256[:16] / Path(name).name


def _in_cache(file: SourceFile) -> Path | None:
    path = _cache_place(file.sha256, file.name)
    return path if path.is_file() and sha256_of(path) == file.sha256 else None


def _download(file: MissingFile) -> Path:
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    place = _cache_place(file.sha256, file.name)
    waiting = temporary_beside(place)
    try:
        pooch.retrieve(
            file.url,
            known_hash=f"sha256:{file.sha256}",
            fname=place.name,
            path=waiting,
            downloader=pooch.HTTPDownloader(timeout=TIMEOUTS_S),
        )
        (waiting / place.name).replace(place)
    except (OSError, ValueError) as error:
        raise BenchmarkError(_listing(f"Cannot download {file.name} ({_reason(error, file.url)}):", [file])) from None
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return place


def _reason(error: Exception, url: str | None) -> str:
    """Why a download failed, in a few words: libraries wrap a missing connection in
    hundreds.
    """
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the server answers {status}"
    if isinstance(error, OSError) and error.errno in DISK_TROUBLE:
        return f"{DISK_TROUBLE[error.errno]}, at {cache_folder()}"
    if isinstance(error, ValueError):
        return "the bytes that came have another hash"
    host = urlsplit(url or "").hostname
    return f"no connection to {host}"


def _listing(head: str, files: Sequence[MissingFile]) -> str:
    lines = "\n".join(f"  {file}" for file in files)
    return f"{head}\n{lines}\n{WHERE_TO_PUT}"
