"""The inside of a trial process: it runs one task after another and sends what came of
each.
"""

from __future__ import annotations

import faulthandler
import importlib
import signal
import sys
from typing import TYPE_CHECKING

from benchmark.running.executors.channel import Message
from benchmark.running.executors.child import Channel

if TYPE_CHECKING:
    from benchmark.trial.task import TrialTask

TRANSFORMER = "transformers.models.bert.modeling_bert"


def main(channel: Channel) -> None:
    """Run the trials whose tasks come over the channel until nobody sends any more.

    A first message says that tasks may come. Each task is answered twice: when its
    trial begins, and by what came of it.
    """
    _pay_once()
    from benchmark.trial.shared_training import task_from

    faulthandler.register(signal.SIGTERM, chain=True)
    channel.sender.send({"ready": True})
    while (message := channel.receiver.receive()) is not None:
        task = task_from(message["task"])
        _pay_once_an_encoder(task.config.encoder)
        channel.sender.send({"begun": True})
        channel.sender.send(_outcome(task))


def _pay_once() -> None:
    """Do what a process does once, so that no trial's time holds it: imports, the
    digest of the code that all methods share, the names of versions.
    """
    from benchmark.records.machine import collector_paused

    with collector_paused():
        for name in (
            "torch._dynamo",
            "torch.profiler",
            "benchmark.trial.shared_training",
            "benchmark.training.trainer",
        ):
            importlib.import_module(name)
        from benchmark.contracts import GradientMethod, methods, noises
        from benchmark.records.code.provenance import code_digest, provenance

        list(methods), list(noises)
        provenance(code_digest(GradientMethod))


def _pay_once_an_encoder(name: str) -> None:
    """Import what an encoder needs that trains; features of a frozen one need less."""
    from benchmark.records.machine import collector_paused
    from benchmark.training.encoders.names import encoder_from

    if encoder_from(name).kind != "frozen" and TRANSFORMER not in sys.modules:
        with collector_paused():
            importlib.import_module(TRANSFORMER)


def _outcome(task: TrialTask) -> Message:
    from benchmark.trial.failure import failure_of
    from benchmark.trial.shared_training import run_task

    try:
        return run_task(task)
    except BaseException as error:  # the process is the method's alone: nobody else can mean it
        return {"failure": failure_of(error).model_dump(mode="json")}
