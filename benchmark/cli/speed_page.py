"""What `speed --out` writes for people: a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.analysis.formats.markdown import escape
from benchmark.speed import Measurement
from benchmark.speed.output import QUICK_NOTE, busy, goes


def as_markdown(found: Sequence[Measurement], about: dict[str, Any]) -> str:
    """Write a table of all measurements, then where the time goes."""
    lines = ["# Speed", ""]
    if about["quick"]:
        lines += [QUICK_NOTE, ""]
    if warning := busy(about["load_average_before"]):
        lines += [warning, ""]
    lines += ["| line | what | measured | bar | verdict |", "| --- | --- | ---: | ---: | --- |"]
    for one in found:
        cells = (one.line, one.what, one.measured, one.bar, one.verdict)
        lines.append("| " + " | ".join(map(escape, cells)) + " |")
    lines += ["", "## Where the time goes", ""]
    lines += [f"- {escape(one.line)}: {escape(one.what)}. {escape(goes(one))}" for one in found if goes(one)]
    gpu = "" if about["gpu"] is None else f" (lines on a GPU: {about['gpu']})"
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines += [
        "",
        f"{about['cores']} cores, {about['threads_per_trial']} thread a trial, {about['device']}{gpu}; commit "
        f"{about['git_commit']}; {about['created']}; {versions}.",
    ]
    return "\n".join(lines) + "\n"
