"""Records for verbs that read them, with what is wrong there said on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.cli.output import tell

if TYPE_CHECKING:
    from benchmark.records.schema import Record


def records_of(*paths: Path) -> list[Record]:
    """Give the valid records of run folders and archives, one after the other.

    What is damaged or unverified is said on stderr, once a source, and left out or
    used; the verb goes on with the rest and its exit code stays 0.
    """
    from benchmark.records.sources import read_source

    found: list[Record] = []
    for path in paths:
        reading = read_source(path)
        warn_all(reading.remarks)
        found += reading.records
    return found


def each_record_of(*paths: Path) -> Iterator[Record]:
    """Yield the records of `records_of` one after the other, so that not all are held.

    What is damaged or unverified in a source is said after its last record.
    """
    from benchmark.records.record_files import IntegrityReport
    from benchmark.records.sources import each_record

    for path in paths:
        integrity = IntegrityReport(str(path))
        yield from each_record(path, integrity)
        warn_all(integrity.remarks)


def quarantine_archive(archive: Path) -> None:
    """Keep an archive of which something is damaged under another name before it is
    written anew.
    """
    from benchmark.contracts.hashes import sha256_of_file
    from benchmark.files.disk import disk_errors
    from benchmark.records.archive.reading import each_archived
    from benchmark.records.record_files import IntegrityReport

    if not archive.exists():
        return
    integrity = IntegrityReport(str(archive))
    for _ in each_archived(archive, integrity):
        pass
    if integrity.damaged or integrity.trouble:
        aside = archive.with_name(f"{archive.stem}-damaged-{sha256_of_file(archive)[:8]}.parquet")
        with disk_errors(archive.parent):
            archive.replace(aside)
        warn(f"{archive} as it was, with what is damaged in it, is kept as {aside}.")


def warn_all(remarks: Iterable[str]) -> None:
    """Say each remark on stderr."""
    for remark in remarks:
        warn(remark)


def warn(text: str) -> None:
    """Say a warning on stderr, where it is in the way of no output."""
    tell(f"Warning: {text}", error=True)
