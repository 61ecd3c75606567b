"""The inside of the process in which `train` trains: it sends what is to be said, word
by word with a value each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.contracts import BenchmarkError

if TYPE_CHECKING:
    from benchmark.running.executors.channel import Sender
    from benchmark.running.executors.child import Channel


def main(channel: Channel) -> None:
    """Train by the one request that comes over the channel.

    The last message is `done` or, with the reason, `refused`. An exception that nobody
    explains ends the process.
    """
    request = channel.receiver.receive()
    if request is None:
        return
    try:
        _train(channel.sender, **request)
        channel.sender.send({"done": True})
    except BaseException as error:  # a method may raise anything
        channel.sender.send({"refused": _refusal(error)})


def _train(
    sender: Sender,
    files: Sequence[str],
    method: str,
    encoder: str,
    seed: int,
    save: str,
    scratch: str,
    plugins: Sequence[str],
    given: Mapping[str, Any],
    choices: Mapping[str, Any],
) -> None:
    """Train and save a model, as `train` is asked to; `scratch` is a folder for what is
    made on the way.
    """
    from benchmark.cli.options import load_plugins
    from benchmark.corpora.own import has_header
    from benchmark.model.files import check_free, save_model
    from benchmark.model.request import config_of_table
    from benchmark.model.training import train_model
    from benchmark.records.artefacts import ArtefactCache

    check_free(Path(save))
    load_plugins(list(map(Path, plugins)))
    config, remarks = config_of_table(list(map(Path, files)), method, encoder, seed, given, choices)
    for remark in remarks:
        sender.send({"remark": remark})
    model = train_model(
        config,
        ArtefactCache(Path(scratch)),
        tuple(given.get("text_columns", ())),
        has_header(config.corpus),
        lambda what: sender.send({"making": what}),
        lambda texts, every, share: sender.send({"encoded": share}),
    )
    for path in save_model(model, Path(save)):
        sender.send({"written": str(path)})
    about = model.about
    point = f"taken at {about.point[1]:.0%} of the training"
    sender.send({"result": f"{len(about.label_names)} classes, {about.networks} network(s), {point}."})
    for name, what in (("test_accuracy", "trusted"), ("noisy_test_accuracy", "given")):
        if name in about.metrics:
            share = f"{about.metrics[name]:.1%}"
            sender.send({"result": f"{share} of its held-out rows are predicted as their {what} labels say."})


def _refusal(error: BaseException) -> str:
    """What is said of an exception; one that nobody explains is raised again."""
    from benchmark.files.disk import disk_message
    from benchmark.records.code.plugins import fault_of_plugin

    if isinstance(error, BenchmarkError):
        return str(error)
    if fault := fault_of_plugin(error):
        return fault
    if isinstance(error, OSError):
        return disk_message(error)
    raise error
