"""A process beside this one: it talks, dies with its parent, takes its own processes
along, and says how it ended.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmark.running.executors import process as processes
from benchmark.running.executors import trial_runner
from benchmark.running.executors.channel import GarbledError, Receiver, Sender
from benchmark.running.executors.process import EndedError, Process

TARGET = """
import ctypes, os, subprocess, sys, time
def main(channel):
    while (message := channel.receiver.receive()) is not None:
        if "echo" in message:
            channel.sender.send(message)
        elif "spawn" in message:
            print("on standard output")
            channel.sender.send({"pid": os.getpid(), "below": subprocess.Popen(["sleep", "1000"]).pid})
        elif "exit" in message:
            print("last words")
            os._exit(message["exit"])
        elif "garble" in message:
            os.write(channel.sender.descriptor, b"no message at all" * 9)
        elif "mute" in message:
            os.closerange(3, 100)
            time.sleep(1000)
        elif "hold" in message:
            ctypes.PyDLL(None).sleep(1000)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "target_of_tests.py").write_text(TARGET)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "target_of_tests"


@pytest.fixture
def started(module):
    process = Process(module)
    yield process
    if process.alive:
        process.end()


def _gone(pid):
    """Whether a process is no more, or only waits to be reaped by a parent that never
    does.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_messages_of_any_size_come_back(started):
    message = {"echo": "\udcffä" * 200_000, "number": 0.1}
    writing = threading.Thread(target=started.send, args=(message,))
    writing.start()
    assert started.receive(30) == message
    writing.join()
    assert started.receive(0.1) is None


def test_how_a_process_ended_and_what_it_printed_last_is_said(started):
    started.send({"exit": 7})
    with pytest.raises(EndedError) as ended:
        started.receive(30)
    assert ended.value.words == "exit code 7"
    assert ended.value.output == ["last words"]


@pytest.mark.parametrize("way", ["garble", "mute"])
def test_a_process_that_breaks_its_pipes_is_ended(started, way):
    started.send({way: 1})
    with pytest.raises(GarbledError):
        started.receive(30)
    assert not started.alive


def test_what_a_process_started_ends_with_it(started, wait_until):
    started.send({"spawn": 1})
    below = started.receive(30)["below"]
    started.end()
    wait_until(lambda: _gone(below), 10)
    assert _gone(below)


@pytest.mark.parametrize("state", ["spawn", "hold"])
def test_a_process_ends_with_its_parent_even_where_python_gets_no_turn(module, tmp_path, wait_until, state):
    code = (
        "import sys, time; sys.path[:0] = sys.argv[1:3]\n"
        "from benchmark.running.executors.process import Process\n"
        f"p = Process({module!r}); p.send({{'spawn': 1}}); print(*p.receive(60).values(), flush=True)\n"
        f"p.send({{{state!r}: 1}}); time.sleep(1000)\n"
    )
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), root], stdout=subprocess.PIPE, text=True)
    pids = list(map(int, parent.stdout.readline().split()))
    time.sleep(0.5)
    assert len(pids) == 2
    assert not any(map(_gone, pids))
    parent.kill()
    parent.communicate()
    wait_until(lambda: all(map(_gone, pids)), 10)


def test_memory_is_named_only_where_the_kernel_ended_something(started, monkeypatch):
    counts = iter([3, 4])
    monkeypatch.setattr(processes, "_kills_for_memory", lambda: next(counts))
    assert "memory" in trial_runner._death(_killed(started._process)).message
    monkeypatch.setattr(processes, "_kills_for_memory", lambda: 3)
    assert "memory" not in trial_runner._death(_killed(started._process)).message


def _killed(beside):
    """How a process that this one kills is seen to have ended."""
    made = Process("target_of_tests")
    os.kill(made._process.pid, 9)
    with pytest.raises(EndedError) as ended:
        made.receive(30)
    return ended.value


def test_a_message_in_parts_is_whole_or_not_there():
    read, write = os.pipe()
    sender, receiver = Sender(write), Receiver(read)
    sender.send({"a": 1})
    sender.send({"b": 2})
    assert receiver.next() is None
    assert receiver.feed()
    assert [receiver.next(), receiver.next(), receiver.next()] == [{"a": 1}, {"b": 2}, None]
    os.close(write)
    assert not receiver.feed()
    os.close(read)
