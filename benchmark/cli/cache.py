"""`cache`: what is kept of one run for the next, and its removal."""

from __future__ import annotations

from typing import Annotated

import typer


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all that is kept.")] = False,
) -> None:
    """Show what of texts is kept for the next run, features and where an encoder cuts
    them, or remove it.

    Run folders hold what they need and are as whole without the cache.

    `python -m benchmark cache --clear`
    """
    from benchmark.cli.output import say, tell
    from benchmark.files import kept_arrays

    limit = kept_arrays.limit_bytes()
    found = kept_arrays.clear() if clear else kept_arrays.kept()
    size = sum(one.size for one in found)
    say(f"{kept_arrays.store_folder()}")
    files = f"{len(found)} file{'' if len(found) == 1 else 's'}"
    if clear:
        say(f"Removed: {files}, {_shown(size)}")
        return
    say(f"Features and cuts of texts in {files}, {_shown(size)} of at most {_shown(limit)}")
    tell(
        f"The least recently used are removed first. {kept_arrays.LIMIT_VARIABLE} sets the limit in GiB (0 keeps "
        "none), and --clear removes all."
    )


def _shown(size: int) -> str:
    """Write a number of bytes in the unit that suits it."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
