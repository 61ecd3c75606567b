"""The inside of a process that `process.Process` started: it serves messages and ends
with the one that started it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import importlib
import os
import signal
import sys
import threading
from dataclasses import dataclass

from benchmark.running.executors.channel import Receiver, Sender

F_SETSIG = 10
"""Linux's command that says which signal tells of a change of a descriptor."""


@dataclass(frozen=True)
class Channel:
    """The two pipes to the process that started this one."""

    receiver: Receiver
    sender: Sender


def serve(target: str, *descriptors: str) -> None:
    """Run `main(channel)` of the module `target`; `descriptors` are those of tasks, of
    results and of the lifeline.
    """
    sys.argv[:] = [""]
    tasks, results, lifeline = map(int, descriptors)
    for descriptor in (tasks, results, lifeline):
        os.set_inheritable(descriptor, False)
    _end_with_parent(lifeline)
    faulthandler.enable()
    importlib.import_module(target).main(Channel(Receiver(tasks), Sender(results)))


def _end_with_parent(lifeline: int) -> None:
    """End this process and all of its group once no other process holds the pipe's
    other end.

    On Linux the kernel itself sends the signal, so that code that never gives Python a
    turn ends, too. The death signal of `prctl` would not do: it follows the thread that
    started this process, and Ray Tune ends such threads.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgid(0))
            fcntl.fcntl(lifeline, F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)

    def watch() -> None:
        os.read(lifeline, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()
