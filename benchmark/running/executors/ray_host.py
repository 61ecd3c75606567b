"""The inside of the process that holds Ray: whatever becomes of Ray, the driver only
loses this process.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.folders import FOLDER_VARIABLES
from benchmark.running.executors.channel import Message
from benchmark.running.executors.child import Channel
from benchmark.running.executors.process import ending
from benchmark.running.executors.ray_tune import Session, connect, run_on_ray
from benchmark.running.executors.resources import Resources

QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS": "1",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "100000",
    "TUNE_MAX_PENDING_TRIALS_PG": "16",
}
"""Ray's own reports, loggers and snapshots are off: the records are the truth and the
progress bar is ours. Of a feed Tune would take one task at a time, and ask a cluster
for one worker after another.
"""

LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Despite its name, this makes Ray listen on the loopback address alone, on every
system.
"""

TOKEN_VARIABLES = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
NEEDED = ("gcs_server", "raylet")
SECONDS_BETWEEN_LOOKS = 0.5


def main(channel: Channel) -> None:
    """Connect Ray as the first message says, then run the tasks that come.

    Any other message ends the run.
    """
    setup = channel.receiver.receive() or {}
    session = Session(Resources(**setup["resources"]), Path(setup["scratch"]))
    _set_environment(session.resources)
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # it prints the traceback of every dead worker
    over = threading.Event()
    last: Message | None = None
    try:
        connect(ray, session)
        threading.Thread(target=_watch, args=(ray, channel, over), daemon=True).start()
        channel.sender.send({"joined": True})
        _run(ray, session, channel, over)
        channel.sender.send({"end": True})
    except BenchmarkError as error:
        last = {"error": str(error)}
    except Exception as error:
        last = {"broken": f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"}
    over.set()
    if last is not None:
        channel.sender.send(last)
    ray.shutdown()


def _run(ray: Any, session: Session, channel: Channel, over: threading.Event) -> None:
    """Run the tasks that come until another message does or the driver is gone."""
    from benchmark.running.executors.tune_hooks import Feed  # imports Tune while the run prepares

    feed = Feed(over)
    message = channel.receiver.receive()
    if message is None or "tasks" not in message:
        return

    def report(number: int, outcome: Message) -> None:
        channel.sender.send({"number": number, "outcome": outcome})

    def listen() -> None:
        following: Message | None = message
        while following is not None and "tasks" in following:
            feed.add(following["tasks"])
            following = channel.receiver.receive()
        feed.end()

    threading.Thread(target=listen, daemon=True).start()
    run_on_ray(ray, session, feed, report, message["artefacts"])


def _set_environment(resources: Resources) -> None:
    """Set what Ray reads of its environment.

    Where Ray is on this machine alone, nobody else reaches it: it listens on loopback,
    with a token that only its processes know.
    """
    environment = {name: value for name, value in QUIET.items() if name not in os.environ}
    if resources.address is None:
        environment |= LOOPBACK
        if not any(os.environ.get(name) for name in TOKEN_VARIABLES):
            environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100
    os.environ.update(environment)
    for name in FOLDER_VARIABLES:  # for workers that start elsewhere
        if os.environ.get(name):
            parts = os.environ[name].split(os.pathsep)
            os.environ[name] = os.pathsep.join(os.path.abspath(part) for part in parts if part)  # noqa: PTH100


def _watch(ray: Any, channel: Channel, over: threading.Event) -> None:
    """Say which process of a Ray of our own died, and end: Ray itself waits for a
    minute and then aborts.
    """
    while not over.wait(SECONDS_BETWEEN_LOOKS):
        node = ray._private.worker._global_node
        for name, process in node.dead_processes() if node is not None and node.head else []:
            if name in NEEDED and not over.is_set():
                channel.sender.send({"dead": f"{name} ended with {ending(process.poll())}"})
                time.sleep(SECONDS_BETWEEN_LOOKS)
                os._exit(1)
