"""`check`: the conformance of a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import options

if TYPE_CHECKING:
    from benchmark.conformance import Verdict


def check(
    method: Annotated[str, typer.Argument(help="A method, as in gce or dygen[rate=oracle].")],
    plugin: options.Plugins = None,
) -> None:
    """Check that a method keeps the contract.

    It must be deterministic, leak-free, finite and robust to odd data.
    """
    from benchmark.cli.terminal import make_console, show_text
    from benchmark.conformance import CHECKS, run_checks
    from benchmark.contracts import method_from
    from benchmark.contracts.parameters.fields import undeclared

    options.load_plugins(plugin)
    found = method_from(method)
    console = make_console()
    failed = []
    for verdict in run_checks(found):
        mark, style = ("ok     ", "green") if verdict.problem is None else ("fails  ", "red")
        show_text(console, CHECKS[verdict.check] + _reason(verdict), mark=mark, mark_style=style)
        failed += [verdict] if verdict.problem is not None else []
    for name in undeclared(type(found)):
        show_text(
            console,
            f"{name} declares no range, so any value is taken. Write it beside the field, as in "
            f"{name}: Annotated[float, Within(0, 1)].",
            mark="note   ",
        )
    if failed:
        errors = sum(verdict.repeats is None for verdict in failed)
        by = "one error" if errors == 1 else f"{errors} errors"
        show_text(console, f"{len(failed)} of {len(CHECKS)} checks fail, by {by}.")
        raise typer.Exit(1)
    show_text(console, f"{found} keeps the contract: {len(CHECKS)} checks pass.")


def _reason(verdict: Verdict) -> str:
    """Say why a check fails; an error that was printed before is only referred to."""
    if verdict.repeats is not None:
        return ": the same error"
    return "" if verdict.problem is None else f": {verdict.problem}"
