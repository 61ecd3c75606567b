"""`train`: a model from a table of one's own, to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.audit import told
from benchmark.cli.output import say, tell
from benchmark.experiment.options import DESCRIPTIONS, RunOptions

if TYPE_CHECKING:
    from benchmark.running.executors.channel import Message
    from benchmark.running.executors.process import EndedError

CHOICES = ("settings", "limit_examples", "epochs", "batch_size", "precision", "threads_per_trial")
TARGET = "benchmark.cli.training_process"
SECONDS_BETWEEN_LOOKS = 60.0


@options.takes(*DESCRIPTIONS, *CHOICES)
def train(
    files: Annotated[
        list[Path],
        typer.Argument(help="The table, of any kind that `data show` reads; several of one form.", show_default=False),
    ],
    method: Annotated[str, typer.Option(help="The method, as in gce[q=0.4].")],
    save: Annotated[Path, typer.Option(help="Folder for the model: empty, or not there yet.")],
    encoder: Annotated[str, typer.Option(help="Encoder of the texts, see `list encoders`.")] = "frozen:minilm",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
    plugin: options.Plugins = None,
    **given: Unpack[RunOptions],
) -> None:
    """Train a method on a table of your own, as a trial of `run` does, and keep the
    model.

    `python -m benchmark train tickets.csv --text-column text --label-column label
    --method jocor --save model`
    """
    import tempfile

    choices: dict[str, Any] = {name: value for name in CHOICES if (value := given.pop(name, None)) is not None}  # type: ignore[misc]
    encoded = told("encoding texts")
    with tempfile.TemporaryDirectory() as scratch:
        request = {"files": files, "method": method, "encoder": encoder, "seed": seed, "save": save, "scratch": scratch}
        for message in _train_aside(request | {"plugins": plugin or [], "given": given, "choices": choices}):
            for word, value in message.items():
                if word == "encoded":
                    encoded(value)
                elif word == "making":
                    say(f"Making {value}", error=True)
                elif word == "written":
                    say(f"Written: {value}")
                else:
                    tell(value, error=word == "remark")


def _train_aside(request: Mapping[str, Any]) -> Iterator[Message]:
    """Train in a process of its own, which a method can end, and give its messages.

    That end, and what the training refuses, is a BenchmarkError. The process ends with
    the iteration.
    """
    import json

    from benchmark.contracts import BenchmarkError
    from benchmark.running.executors.channel import GarbledError
    from benchmark.running.executors.process import EndedError, Process
    from benchmark.running.executors.trial_runner import GARBLED

    process = Process(TARGET)
    try:
        process.send(json.loads(json.dumps(request, default=str)))
        while "done" not in (message := process.receive(SECONDS_BETWEEN_LOOKS) or {}):
            if "refused" in message:
                raise BenchmarkError(message["refused"])
            yield message
    except EndedError as end:
        raise BenchmarkError(_on_end(request["method"], end)) from None
    except GarbledError:
        raise BenchmarkError(f"Method '{request['method']}' failed: {GARBLED}") from None
    finally:
        process.end()


def _on_end(method: str, end: EndedError) -> str:
    """What is said where the process ended before the training did."""
    from benchmark.running.executors.trial_runner import why_ended

    frames = [line.strip() for line in end.output if line.startswith('  File "')]
    printed = f" It last printed '{end.output[-1].strip()}'." if end.output and not frames else ""
    where = f" ({frames[0]})" if frames else ""
    return (
        f"Method '{method}' failed: its process ended with {end.words} before the training did: "
        f"{why_ended(end)}{where}.{printed} No model is kept. Mend the method, for which `check` tells what it must "
        "keep to, or name another one."
    )
