"""A manifest of sha256 sums for a folder of files, which protects itself, too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmark.contracts.hashes import SHA256_DIGITS, sha256_hex, sha256_of_file

SUMS = "SHA256SUMS"
FROM = "from"
LENGTH_OF_LAST_LINE = SHA256_DIGITS + 1

Stamp = tuple[tuple[str, int, int, int], ...]
_whole: dict[Path, Stamp] = {}


def write_sums(folder: Path, sources: Mapping[str, str] | None = None) -> None:
    """Write the manifest of a folder: one line a file with its sum, size and name.

    Parameters
    ----------
    folder
        The folder, in which nothing changes any more.
    sources
        Digests of the manifests of those folders that this one was made from, by
        name, so that a folder made from other content is found out.
    """
    lines = [f"{sha256_of_file(path)} {path.stat().st_size} {name}" for name, path in _files(folder).items()]
    lines += [f"{digest} {FROM} {name}" for name, digest in sorted((sources or {}).items())]
    body = "".join(f"{line}\n" for line in lines)
    (folder / SUMS).write_text(f"{body}{sha256_hex(body)}\n", encoding="utf-8")


def sums_digest(folder: Path) -> str:
    """Give the digest of a folder's manifest, which stands for all its content."""
    return sha256_of_file(folder / SUMS)


def what_differs(folder: Path, sources: Mapping[str, str] | None = None) -> str:
    """Say in what a folder is not what its manifest says.

    Parameters
    ----------
    folder
        The folder to check: every byte of every file is read.
    sources
        As for `write_sums`, as they are now. None leaves them out of the check.

    Returns
    -------
    str
        One reason, or nothing where the folder is as it was written.
    """
    return _content_differs(folder) or _sources_differ(folder, sources)


def what_differs_once(folder: Path, sources: Mapping[str, str] | None = None) -> str:
    """Say the same as `what_differs`, reading the files once a process.

    A folder is read again where the size, the time of change or the place on the disk
    of one of its files is another than when it was found whole.
    """
    stamp, key = _stamp(folder), folder.resolve()
    if not stamp or _whole.get(key) != stamp:
        if why := _content_differs(folder):
            return why
        _whole[key] = stamp
    return _sources_differ(folder, sources)


def _content_differs(folder: Path) -> str:
    try:
        content = (folder / SUMS).read_bytes()
        body, own = content[:-LENGTH_OF_LAST_LINE], content[-LENGTH_OF_LAST_LINE:]
        if own != f"{sha256_hex(body)}\n".encode():
            return f"{SUMS} is damaged"
        return _files_differ(folder, _entries(folder))
    except OSError as error:
        return f"{Path(error.filename or folder).name} cannot be read: {error.strerror}"


def _entries(folder: Path) -> list[list[str]]:
    """The lines of a manifest that is whole: sum, size or `from`, and name."""
    return [line.split(" ", 2) for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()[:-1]]


def _stamp(folder: Path) -> Stamp:
    try:
        found = [(path.name, path.stat()) for path in (*_files(folder).values(), folder / SUMS)]
    except OSError:
        return ()
    return tuple((name, it.st_size, it.st_mtime_ns, it.st_ino) for name, it in found)


def _files_differ(folder: Path, entries: list[list[str]]) -> str:
    stated = {name: (total, size) for total, size, name in entries if size != FROM}
    found = _files(folder)
    for name in sorted(stated.keys() ^ found.keys()):
        return f"{name} is missing" if name in stated else f"{name} is not its own"
    for name, path in found.items():
        total, size = stated[name]
        if str(path.stat().st_size) != size:
            return f"{name} has {path.stat().st_size} bytes, not {size}"
        if sha256_of_file(path) != total:
            return f"{name} does not match its sha256"
    return ""


def _sources_differ(folder: Path, sources: Mapping[str, str] | None) -> str:
    if sources is None:
        return ""
    made_from = {name: digest for digest, kind, name in _entries(folder) if kind == FROM}
    if made_from == sources:
        return ""
    names = sorted(name for name in made_from.keys() | sources.keys() if made_from.get(name) != sources.get(name))
    return f"it was made from another {', '.join(names)}"


def _files(folder: Path) -> dict[str, Path]:
    """Every file of the folder but the manifest, by its path below the folder."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir()}
    found.pop(SUMS, None)
    return found
