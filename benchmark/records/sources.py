"""Records from where they lie: a run folder or an archive, with what is wrong there."""

from __future__ import annotations

from pathlib import Path

from benchmark.contracts.errors import BenchmarkError
from benchmark.records.record_files import Reading
from benchmark.records.run_folder import RunFolder


def read_source(path: Path, heads: bool = False) -> Reading:
    """Read a run folder or an archive; every verb that shows records reads here.

    Parameters
    ----------
    path
        A folder that holds `records`, or a Parquet archive.
    heads
        Whether records are kept without their bodies, which takes little memory.

    Returns
    -------
    Reading
        The valid records, and what is damaged or unverified. A path that is neither
        is a BenchmarkError.
    """
    if path.is_file():
        from benchmark.records.archive import archive_contents

        return archive_contents(path, heads)
    folder = RunFolder(path)
    if not folder.records.is_dir():
        raise BenchmarkError(f"'{path}' is neither a run folder (it has no 'records') nor an archive file.")
    contents = folder.read(heads)
    damaged = {str(folder.records / name): why for name, why in contents.damaged.items()}
    return Reading(str(path), list(contents.records.values()), damaged, contents.unverified)
