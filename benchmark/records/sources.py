"""Records from where they lie: a run folder or an archive, with what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark.contracts.errors import BenchmarkError
from benchmark.records.machine import collector_paused
from benchmark.records.record_files import IntegrityReport, Reading, reading
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record


def read_source(path: Path, heads: bool = False) -> Reading:
    """Read a run folder or an archive; every verb that shows records reads here.

    Parameters
    ----------
    path
        A folder that holds `records`, or a Parquet archive.
    heads
        Whether records come without their bodies, which takes little time and memory.
        For a body, its sha256 alone vouches.

    Returns
    -------
    Reading
        The valid records, and what is damaged or unverified. A path that is neither
        is a BenchmarkError.
    """
    integrity = IntegrityReport(str(path))
    with collector_paused():
        return reading(each_record(path, integrity, heads), integrity)


def each_record(path: Path, integrity: IntegrityReport, heads: bool = False) -> Iterator[Record]:
    """Give the records of `read_source` one after the other.

    `integrity` holds what is damaged or unverified once the last record was given.
    """
    if path.is_file():
        from benchmark.records.archive.reading import each_archived

        return each_archived(path, integrity, heads)
    folder = RunFolder(path)
    if not folder.records.is_dir():
        raise BenchmarkError(f"'{path}' is neither a run folder (it has no 'records') nor an archive file.")
    return folder.each_record(integrity, heads)
