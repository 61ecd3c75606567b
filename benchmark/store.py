"""A run folder: one JSON record a trial, whole or not there; one driver at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmark.contracts import BenchmarkError
from benchmark.machine import collector_paused
from benchmark.records import PROTOCOL_VERSION, Record

DISK_TROUBLE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "the folder may not be written",
    errno.EPERM: "the folder may not be written",
    errno.ENOTDIR: "a part of the path is a file",
    errno.EEXIST: "the path is a file",
    errno.ENAMETOOLONG: "the path is too long",
    errno.EIO: "the disk reports an error",
}


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Trouble with the disk as a message that says what is safe and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_TROUBLE:
            raise
        raise BenchmarkError(
            f"Cannot write to '{path}': {DISK_TROUBLE[error.errno]}. Records written so far are whole and stay; "
            "make room or choose another folder with --out, then run the same command again."
        ) from None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that readers and crashes see all of it or nothing."""
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut, too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Contents:
    """What a run folder holds: valid records by id, and the names of damaged files."""

    records: dict[str, Record]
    damaged: tuple[str, ...] = ()


class RunFolder:
    """The folder of one run; `locked` before anything is written to it."""

    def __init__(self, path: Path, protocol: int = PROTOCOL_VERSION) -> None:
        self.path = path
        self.protocol = protocol
        self.records = path / "records"
        self.quarantine = path / "quarantine"
        self.artefacts = path / "artefacts"
        self.report = path / "report"
        self._lock: int | None = None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one driver; the system frees it however the driver ends."""
        self._lock = self._take_lock()
        try:
            with disk_errors(self.path):
                self._claim_protocol()
                for leftover in self.records.glob(".*.tmp"):
                    leftover.unlink(missing_ok=True)
            yield
        finally:
            os.close(self._lock)
            self._lock = None

    def lock_is_ours(self) -> bool:
        """Whether the lock that this object holds is still the folder's: its file may have been removed."""
        if self._lock is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._lock), (self.path / ".lock").stat())
        except OSError:
            return False

    def take_lock_again(self) -> None:
        """Hold a folder whose lock was removed, made anew if need be; a BenchmarkError where another run holds it."""
        lock = self._take_lock()
        if self._lock is not None:
            os.close(self._lock)
        self._lock = lock
        self._claim_protocol()

    def _take_lock(self) -> int:
        with disk_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise BenchmarkError(
                f"The folder '{self.path}' is in use by {holder}. Wait for that run, or give another --out."
            ) from None
        with disk_errors(self.path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        return descriptor

    def _claim_protocol(self) -> None:
        about = self.path / "run.json"
        if about.exists():
            try:
                found = json.loads(about.read_text(encoding="utf-8"))["protocol"]
            except (ValueError, KeyError, TypeError):
                found = self.protocol
            if found != self.protocol:
                raise BenchmarkError(
                    f"The folder '{self.path}' holds records of protocol version {found}; this is version "
                    f"{self.protocol}, and the two must not be mixed. Give another --out."
                )
            return
        write_atomically(about, json.dumps({"protocol": self.protocol}).encode() + b"\n")

    def write(self, record: Record) -> None:
        """Put a record in its place, over an older one of the same trial."""
        write_atomically(self.record_path(record.trial), _as_json(record))

    def record_path(self, trial: str) -> Path:
        """Where the record of a trial lies, or will lie."""
        return self.records / f"{trial}.json"

    def keep_aside(self, record: Record) -> None:
        """Put a record that does not count into the quarantine folder; the same content is kept once."""
        content = _as_json(record)
        name = f"{record.trial}-{hashlib.sha256(content).hexdigest()[:8]}.json"
        write_atomically(self.quarantine / name, content)

    def read(self) -> Contents:
        """All records; a file that is no whole record is named, not used."""
        found: dict[str, Record] = {}
        damaged = []
        with collector_paused():
            for path in sorted(self.records.glob("*.json")) if self.records.is_dir() else []:
                try:
                    found[path.stem] = _read_record(path)
                except ValueError:
                    damaged.append(path.name)
        return Contents(found, tuple(damaged))

    def set_aside(self, names: tuple[str, ...]) -> None:
        """Move damaged files to the quarantine folder, where nothing reads them."""
        for name in names:
            with disk_errors(self.quarantine):
                self.quarantine.mkdir(exist_ok=True)
                (self.records / name).replace(self.quarantine / name)


def _read_record(path: Path) -> Record:
    try:
        record = parse_record(path.read_bytes())
    except OSError as error:
        raise BenchmarkError(f"Cannot read '{path}': {error.strerror}. Make it readable or move it away.") from None
    if record.trial != path.stem:
        raise ValueError("the record is another trial's")
    return record


def _as_json(record: Record) -> bytes:
    text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def parse_record(data: bytes | str) -> Record:
    """A record from its JSON; anything else is a ValueError."""
    with contextlib.suppress(ValidationError):
        return Record.model_validate_json(data)
    # Lone surrogates, which texts of error messages may hold, pass only Python's own reader.
    try:
        content: Any = json.loads(data)
        return Record.model_validate(content)
    except (ValidationError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None
