"""A run folder: one JSON record a trial, whole or not there; one driver at a time."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_hex
from benchmark.files.disk import disk_errors
from benchmark.files.durable import inside, write_whole
from benchmark.files.leftovers import remove_leftovers
from benchmark.records.machine import collector_paused
from benchmark.records.record_files import IntegrityReport, read_record_bytes, record_bytes
from benchmark.records.schema import PROTOCOL_VERSION, Record


@dataclass(frozen=True)
class Contents:
    """What a run folder holds: its valid records and what is wrong with the others.

    `records` are by id. `damaged` says of each file that is no whole record why.
    `unverified` counts the records of older versions, which carry no sha256.
    """

    records: dict[str, Record]
    damaged: Mapping[str, str] = field(default_factory=dict)
    unverified: int = 0


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
        """Hold the folder for one driver.

        The system frees it however the driver ends.
        """
        self._lock = self._take_lock()
        try:
            with disk_errors(self.path):
                self._claim_protocol()
                for leftover in self.records.glob(".*.tmp"):
                    leftover.unlink(missing_ok=True)
                remove_leftovers(self.path, self.quarantine, self.report, self.report / "figures")
            yield
        finally:
            os.close(self._lock)
            self._lock = None

    def lock_is_ours(self) -> bool:
        """Whether the lock that this object holds is still the folder's: its file may
        have been removed.
        """
        if self._lock is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._lock), (self.path / ".lock").stat())
        except OSError:
            return False

    def take_lock_again(self) -> None:
        """Hold a folder whose lock was removed, made anew if need be.

        A BenchmarkError where another run holds it.
        """
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
        write_whole(about, json.dumps({"protocol": self.protocol}).encode() + b"\n")

    def write(self, record: Record) -> None:
        """Put a record in its place, over an older one of the same trial."""
        write_whole(self.record_path(record.trial), record_bytes(record))

    def record_path(self, trial: str) -> Path:
        """Where the record of a trial lies, or will lie."""
        return inside(self.records, f"{trial}.json")

    def quarantine_record(self, record: Record) -> None:
        """Put a record that does not count into the quarantine folder.

        The same content is kept once.
        """
        content = record_bytes(record)
        name = f"{record.trial}-{sha256_hex(content, digits=8)}.json"
        write_whole(inside(self.quarantine, name), content)

    def each_record(self, integrity: IntegrityReport, heads: bool = False) -> Iterator[Record]:
        """Give the valid records one after the other, by the order of their files.

        A file that is no whole record is not used. `integrity` gets its path and why.
        `heads`: records come without their bodies, for which a sha256 alone vouches.
        """
        for file in _json_files(self.records):
            try:
                parsed = read_record_bytes(_bytes_of(file.path), heads)
                if f"{parsed.record.trial}.json" != file.name:
                    raise ValueError(f"it is the record of trial {parsed.record.trial}")
            except ValueError as error:
                integrity.damaged[file.path] = str(error)
            else:
                integrity.whole += 1
                integrity.unverified += not parsed.verified
                yield parsed.record

    def read(self) -> Contents:
        """All records.

        A file that is no whole record is named with the reason, not used.
        """
        integrity = IntegrityReport(str(self.path))
        with collector_paused():
            found = {record.trial: record for record in self.each_record(integrity)}
        damaged = {Path(name).name: why for name, why in integrity.damaged.items()}
        return Contents(found, damaged, integrity.unverified)

    def quarantine_files(self, names: Iterable[str]) -> None:
        """Move damaged files to the quarantine folder, where nothing reads them."""
        for name in names:
            with disk_errors(self.quarantine):
                self.quarantine.mkdir(exist_ok=True)
                inside(self.records, name).replace(inside(self.quarantine, name))


def _json_files(folder: Path) -> list[os.DirEntry[str]]:
    """Give the files of the records by name; the folder need not be there."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as files:
        return sorted((file for file in files if file.name.endswith(".json")), key=lambda file: file.name)


def _bytes_of(path: str) -> bytes:
    """Read a small file; objects for paths and buffers would double the time of it."""
    try:
        with io.FileIO(path) as file:
            return file.readall()
    except OSError as error:
        raise BenchmarkError(f"Cannot read '{path}': {error.strerror}. Make it readable or move it away.") from None
