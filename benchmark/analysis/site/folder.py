"""The folder of a site: written into an empty one, or in place of an earlier site."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from benchmark.contracts.errors import BenchmarkError
from benchmark.files.disk import disk_errors
from benchmark.files.leftovers import remove_leftovers, temporary_beside
from benchmark.records.sums import SUMS, what_differs, write_sums

INDEX = "index.html"


def refuse_foreign(folder: Path, generator: str) -> None:
    """Raise a BenchmarkError where a folder holds anything but an unchanged site.

    A folder that is missing or empty may be written to.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BenchmarkError(f"'{folder}' is no folder. Name one that is empty or missing, or an earlier site.")
    with disk_errors(folder):
        if not folder.exists() or not any(folder.iterdir()):
            return
        index = folder / INDEX
        ours = (folder / SUMS).is_file() and index.is_file() and generator.encode() in index.read_bytes()[:2000]
        why = what_differs(folder) if ours else "it was not written by `site`"
    if why:
        raise BenchmarkError(
            f"'{folder}' is not empty and no site as it was written: {why}. Nothing was changed. Name another folder, "
            "or empty this one."
        )


def write_folder(folder: Path, files: Mapping[str, bytes], generator: str) -> int:
    """Write the files of a site with their sums, and give their size in bytes.

    They are written beside the folder first, so that an earlier site stays whole until
    all of the new one is there.
    """
    refuse_foreign(folder, generator)
    whole = folder.resolve()
    made = temporary_beside(whole)
    with disk_errors(folder):
        whole.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(whole.parent)
        try:
            for name, content in files.items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            write_sums(made)
            _replace(whole, made)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())


def _replace(folder: Path, made: Path) -> None:
    """Move what was made into the folder, in place of the earlier site in it."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    for new in sorted(made.iterdir()):
        new.replace(folder / new.name)
