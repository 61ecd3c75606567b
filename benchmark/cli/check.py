"""`check`: the conformance of a method."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options


def check(
    method: Annotated[str, typer.Argument(help="A method, as in gce or dygen[rate=oracle].")],
    plugin: options.Plugins = None,
) -> None:
    """Check that a method keeps the contract: deterministic, leak-free, finite, robust to odd data."""
    from rich.markup import escape

    from benchmark.cli.terminal import make_console
    from benchmark.conformance import CHECKS, run_check
    from benchmark.contracts import method_from
    from benchmark.contracts.parameters.fields import undeclared

    options.load_plugins(plugin)
    found = method_from(method)
    console = make_console()
    failed = 0
    for name in CHECKS:
        problem = run_check(name, found)
        failed += problem is not None
        mark = "[green]ok[/]   " if problem is None else "[red]fails[/]"
        console.print(f"{mark}  {escape(CHECKS[name])}" + (f": {escape(problem)}" if problem else ""), highlight=False)
    for name in undeclared(type(found)):
        console.print(
            f"note   {escape(name)} declares no range, so any value is taken. Write it beside the field, as in "
            f"{escape(f'{name}: Annotated[float, Within(0, 1)]')}.",
            highlight=False,
        )
    if failed:
        console.print(f"{failed} of {len(CHECKS)} checks fail.", highlight=False)
        raise typer.Exit(1)
    console.print(f"{escape(str(found))} keeps the contract: {len(CHECKS)} checks pass.", highlight=False)
