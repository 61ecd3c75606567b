"""The inside of a trial process: it runs one task after another and sends what came of
each.
"""

from __future__ import annotations

import faulthandler
import importlib
import signal
from typing import TYPE_CHECKING

from benchmark.running.executors.channel import Message
from benchmark.running.executors.child import Channel

if TYPE_CHECKING:
    from benchmark.trial.task import TrialTask


def main(channel: Channel) -> None:
    """Run the trials whose tasks come over the channel until nobody sends any more."""
    _import_what_trials_need()
    from benchmark.trial.shared_training import task_from

    faulthandler.register(signal.SIGTERM, chain=True)
    channel.sender.send({"ready": True})
    while (message := channel.receiver.receive()) is not None:
        channel.sender.send(_outcome(task_from(message["task"])))


def _import_what_trials_need() -> None:
    """Import what the libraries would import during the first trial, whose time then
    holds training alone.
    """
    from benchmark.contracts import methods, noises

    for name in ("torch._dynamo", "transformers.models.bert.modeling_bert", "benchmark.training.trainer"):
        importlib.import_module(name)
    list(methods), list(noises)


def _outcome(task: TrialTask) -> Message:
    from benchmark.trial.failure import failure_of
    from benchmark.trial.shared_training import run_task

    try:
        return run_task(task)
    except BaseException as error:  # the process is the method's alone: nobody else can mean it
        return {"failure": failure_of(error).model_dump(mode="json")}
