"""The inside of a trial process: it runs one trial after another and sends what came of each."""

from __future__ import annotations

import faulthandler
import signal

from benchmark.executors.channel import Message
from benchmark.executors.child import Channel


def main(channel: Channel) -> None:
    """Run the trials whose tasks come over the channel until nobody sends any more."""
    import torch  # noqa: F401  # a trial's time does not count it

    import methods.engine.kit  # noqa: F401  # likewise
    from benchmark.plugins import load_entry_points
    from benchmark.trial import TrialTask

    faulthandler.register(signal.SIGTERM, chain=True)
    load_entry_points()
    channel.sender.send({"ready": True})
    while (message := channel.receiver.receive()) is not None:
        channel.sender.send(_outcome(TrialTask.model_validate(message["task"]), channel))


def _outcome(task: object, channel: Channel) -> Message:
    from benchmark.failure import failure_of
    from benchmark.trial import TrialTask, run_trial

    assert isinstance(task, TrialTask)
    try:
        record = run_trial(task, lambda seconds: channel.sender.send({"waited_s": seconds}))
    except BaseException as error:  # the process is the method's alone: nobody else can mean it
        return {"failure": failure_of(error).model_dump(mode="json")}
    return {"record": record.model_dump(mode="json")}
