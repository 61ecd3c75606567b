"""The command line: one file a verb, and one place where errors become messages."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable

import typer

from benchmark.cli import (
    archive,
    audit,
    cache,
    check,
    compare,
    data,
    doctor,
    explain,
    listing,
    merge,
    new_method,
    noise,
    noise_kinds,
    plan,
    predict,
    rates,
    report,
    run,
    site,
    speed,
    submit,
    train,
)
from benchmark.cli.output import STOPPED, abridged, check_arguments, finish_streams, prepare_streams, say
from benchmark.contracts.errors import BenchmarkError
from benchmark.files.disk import disk_message

app = typer.Typer(
    name="benchmark",
    help="Compare methods for learning with noisy labels in text classification.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)

app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("report")(report.report)
app.command("audit")(audit.audit)
app.command("compare")(compare.compare)
app.command("archive")(archive.archive)
app.command("merge")(merge.merge)
app.command("site")(site.site)
app.command("submit")(submit.submit)
app.command("list")(listing.listing)
app.command("explain")(explain.explain)
app.command("check")(check.check)
app.command("new-method")(new_method.new_method)
app.command("rates")(rates.rates)
app.command("speed")(speed.speed)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("cache")(cache.cache)
app.command("doctor")(doctor.doctor)
app.add_typer(data.app, name="data")
noise.app.command("kinds")(noise_kinds.kinds)
app.add_typer(noise.app, name="noise")


def main() -> None:
    """Run the command line.

    A mistake of the user's is a message and exit code 2, never a traceback.
    """
    prepare_streams()
    code = _explained(_run)
    if code == 0:
        code = _explained(finish_streams)
    # What an output refused once, it would refuse again while Python ends.
    with contextlib.suppress(OSError):
        finish_streams()
    sys.exit(code)


def _run() -> int:
    """Run the verb that the arguments name; gives its exit code."""
    check_arguments(sys.argv[1:])
    try:
        app()
    except SystemExit as ended:
        # Typer turns an interrupt into an exit without a word.
        if isinstance(interrupt := getattr(ended.__context__, "__cause__", None), KeyboardInterrupt):
            raise interrupt from None
        _refuse_fault_of_plugin(ended)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception as error:
        if _stands_for_interrupt(error):
            raise KeyboardInterrupt from None
        if not isinstance(error, BenchmarkError):
            _refuse_fault_of_plugin(error)
        raise
    return 0


def _stands_for_interrupt(error: Exception) -> bool:
    """Whether pydantic has put an error of its own in the place of an interrupt.

    It does so where the interrupt met a serialiser of this project. Of the interrupt
    only the name is left, in the message.
    """
    from pydantic_core import PydanticSerializationError

    return isinstance(error, PydanticSerializationError) and KeyboardInterrupt.__name__ in str(error)


def _refuse_fault_of_plugin(error: BaseException) -> None:
    """Raise a BenchmarkError for what the code of a plugin raised."""
    from benchmark.records.code.plugins import fault_of_plugin

    if fault := fault_of_plugin(error):
        raise BenchmarkError(fault) from error


def _explained(action: Callable[[], int | None]) -> int:
    """Give the exit code of an action.

    Trouble that has a name is printed and gives another.
    """
    try:
        return action() or 0
    except BenchmarkError as error:
        return _refused(str(error))
    except KeyboardInterrupt:
        say(f"\n{STOPPED}", error=True)
        return 130
    except OSError as error:
        return _refused(disk_message(error))


def _refused(message: str) -> int:
    """Print what was wrong, on no more than a screen."""
    from benchmark.cli.terminal import make_console, show_text

    # The trouble may be that of the output for errors itself, which then cannot tell of it.
    with contextlib.suppress(OSError):
        show_text(make_console(error=True), abridged(message), mark="Error  ", mark_style="bold red")
    return 2
