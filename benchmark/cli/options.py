"""Options of the verbs, made of the options of a run."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import typer

from benchmark.contracts.errors import BenchmarkError
from benchmark.experiment.option_kinds import Files, Switch, Texts
from benchmark.experiment.options import DESCRIPTIONS, RunOptions, flag_of, run_options

if TYPE_CHECKING:
    from benchmark.experiment.option_kinds import Option

Verb = TypeVar("Verb", bound=Callable[..., None])

GridName = Annotated[str, typer.Option("--grid", help="Name of a grid (see `list grids`) or path of a .toml file.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Run folder (default: one below results/runs, named after the grid and the options)."),
]
Plugins = Annotated[list[Path] | None, typer.Option(flag_of("plugins"), help=run_options()["plugins"].help)]


def takes(*names: str) -> Callable[[Verb], Verb]:
    """Give a verb the options of a run with these names, in place of its `**options`.

    The verb is called with the options that were given, as `RunOptions` has them.
    """

    def with_options(verb: Verb) -> Verb:
        signature = inspect.signature(verb, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        first = [each for each in own if each.name in ("grid", "out")]
        last = [each for each in own if each not in first]
        shared = [_parameter(name, run_options()[name]) for name in names]

        def called(**given: Any) -> None:
            _refuse_repeated(names, sys.argv[1:])
            chosen = {name: given.pop(name) for name in names}
            verb(**given, **_parsed(chosen))

        parameters = [*first, *shared, *last]
        keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
        called.__signature__ = inspect.Signature(keyword, return_annotation=None)  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        called.__doc__, called.__name__ = verb.__doc__, verb.__name__
        return called  # type: ignore[return-value]

    return with_options


def _refuse_repeated(names: Sequence[str], arguments: Sequence[str]) -> None:
    """Raise a BenchmarkError for a column or file of one's own that was given twice
    where there can be one: the parser would take the last without a word.
    """
    flags = Counter(argument.partition("=")[0] for argument in arguments if argument.startswith("--"))
    for name in set(names) & set(DESCRIPTIONS):
        flag = flag_of(name)
        if flags[flag] > 1 and not isinstance(run_options()[name], Texts | Files | Switch):
            raise BenchmarkError(f"{flag} is given {flags[flag]} times. Give it once.")


def _parameter(name: str, option: Option) -> inspect.Parameter:
    flag = flag_of(name)
    made = typer.Option(flag, help=option.help, rich_help_panel=option.panel)
    default = None if option.default == () else option.default
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=Annotated[option.written, made])


def _parsed(given: dict[str, Any]) -> RunOptions:
    """Give the options that were given, as Python has them."""
    known = run_options()
    parsed: Any = {name: known[name].parse(flag_of(name), value) for name, value in given.items() if value is not None}
    return cast(RunOptions, parsed)


def load_plugins(paths: Sequence[Path] | None) -> None:
    """Register the methods and noises of installed packages and of the files given."""
    from benchmark.records.code import plugins

    plugins.load_plugins([plugins.read_plugin(path) for path in paths or ()])
