"""`merge`: run folders and archives of several machines as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.analysis.layout.format import plural
from benchmark.cli.output import tell
from benchmark.cli.sources import quarantine_archive, records_of

if TYPE_CHECKING:
    from benchmark.records.merge import MergeResult
    from benchmark.records.schema import Record


def merge(
    sources: Annotated[list[Path], typer.Argument(help="Run folders and archives.")],
    out: Annotated[Path, typer.Option(help="Run folder to write, or an archive where it ends in .parquet.")],
    prefer: Annotated[
        Path | None, typer.Option(help="The source whose results count where two sources differ.")
    ] = None,
) -> None:
    """Join run folders and archives: equal records once, conflicting ones refused and
    shown, nothing lost.

    What OUT already holds takes part. Prepared artefacts are not copied: a run makes
    them again where it needs them.
    """
    from benchmark.contracts.errors import BenchmarkError, UnknownNameError
    from benchmark.records.merge import join

    if prefer is not None and prefer not in sources:
        raise UnknownNameError("source to prefer", str(prefer), map(str, sources))
    paths = {path.resolve(): path for path in [*sources, *([out] if _holds_records(out) else [])]}
    found = [(str(path), _read(path)) for path in paths.values()]
    joined = join(found, None if prefer is None else str(prefer))
    if not joined.records:
        names = ", ".join(f"'{source}'" for source, _ in found)
        raise BenchmarkError(f"There is no record to merge in {names}. Name sources that hold some.")
    written = _write_archive(joined, out) if out.suffix == ".parquet" else _write_folders(joined, out)
    for line in [*written, *_said(joined), *_apart(joined)]:
        tell(line)


def _holds_records(path: Path) -> bool:
    return path.is_file() or (path / "records").is_dir() or bool(_of_other_versions(path))


def _of_other_versions(path: Path) -> list[Path]:
    """Give the folders in which an earlier merge kept other protocol versions."""
    return sorted(folder for folder in path.glob("protocol-*") if (folder / "records").is_dir())


def _read(path: Path) -> list[Record]:
    below = [] if path.is_file() else _of_other_versions(path)
    return records_of(*(below if below and not (path / "records").is_dir() else [path, *below]))


def _write_folders(joined: MergeResult, out: Path) -> list[str]:
    """Write the records of this protocol version as a run folder.

    Records of each other version lie in a folder of their own below it.
    """
    from benchmark.records.run_folder import RunFolder
    from benchmark.records.schema import PROTOCOL_VERSION

    versions = sorted({record.protocol for record in joined.records.values()})
    lines = []
    for version in versions:
        own = version == PROTOCOL_VERSION
        folder = RunFolder(out if own else out / f"protocol-{version}", version)
        mine = [record for record in joined.records.values() if record.protocol == version]
        with folder.locked():
            there = folder.read().records
            for record in mine:
                if there.get(record.trial) != record:
                    folder.write(record)
            for record in joined.overruled:
                if record.protocol == version:
                    folder.quarantine_record(record)
        apart = "" if own else f" (protocol version {version}, kept apart from version {PROTOCOL_VERSION})"
        lines.append(f"{folder.path}: {plural(len(mine), 'record')}{apart}")
    return lines


def _write_archive(joined: MergeResult, out: Path) -> list[str]:
    """Write one archive of all versions, which a report keeps apart.

    What lost a conflict goes into a second file.
    """
    from benchmark.records.archive.packing import write_archive

    quarantine_archive(out)
    write_archive(joined.records.values(), out)
    if joined.overruled:
        aside = out.with_name(f"{out.stem}-set-aside.parquet")
        write_archive([*(records_of(aside) if aside.exists() else []), *joined.overruled], aside)
    return [f"{out}: {plural(len(joined.records), 'record')}, {out.stat().st_size / 1e6:.2f} MB"]


def _said(joined: MergeResult) -> list[str]:
    lines = []
    if joined.repeated:
        lines.append(f"{plural(joined.repeated, 'record')} met again, equal in every field: kept once.")
    if joined.measured_again:
        trials = plural(joined.measured_again, "trial")
        lines.append(f"{trials} run more than once with equal results and other costs: one record is kept.")
    if joined.failures_replaced:
        failures = plural(joined.failures_replaced, "failure")
        lines.append(f"{failures} gave way to a finished or a newer record of the same trial.")
    if joined.overruled:
        records = plural(len(joined.overruled), "record")
        lines.append(f"{records} that lost to the preferred source: set aside, nothing reads them.")
    return lines


def _apart(joined: MergeResult) -> list[str]:
    from benchmark.analysis.frame import comparable_groups, tidy

    return [f"In a report: {line}" for line in comparable_groups(tidy(joined.records.values())).sentences()]
