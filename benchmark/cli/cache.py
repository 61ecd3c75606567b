"""`cache`: what is kept of one run for the next, and its removal."""

from __future__ import annotations

from typing import Annotated

import typer


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove the features that are kept.")] = False,
) -> None:
    """Show which features of texts are kept for the next run, or remove them.

    Run folders hold what they need and are as whole without the cache.

    `python -m benchmark cache --clear`
    """
    from benchmark.cli.output import say, tell
    from benchmark.features import store

    limit = store.limit_bytes()
    found = store.clear() if clear else store.kept()
    size = sum(one.size for one in found)
    say(f"{store.store_folder()}")
    files = f"{len(found)} file{'' if len(found) == 1 else 's'}"
    if clear:
        say(f"Removed: features in {files}, {_shown(size)}")
        return
    say(f"Features in {files}, {_shown(size)} of at most {_shown(limit)}")
    tell(
        f"The least recently used are removed first. {store.LIMIT_VARIABLE} sets the limit in GiB (0 keeps none), and "
        "--clear removes all."
    )


def _shown(size: int) -> str:
    """Write a number of bytes in the unit that suits it."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
