"""Ray workers: the same records as without them, whatever dies.

A start of Ray is dear, so tests share them.
"""

import contextlib
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from benchmark.records.run_folder import RunFolder
from benchmark.running.executors.scratch import remove_leftovers
from tests.support.cache import with_apidocs

TWO_WORKERS = ("--executor", "ray", "--workers", "2")
RAY = Path(sys.executable).with_name("ray")


def records(folder):
    return list(RunFolder(Path(folder)).read().records.values())


def working(processes):
    """Without Ray's own agents, which touch no record and end by themselves a minute
    after their raylet.
    """
    names = {one: Path(f"/proc/{one[0]}/cmdline").read_text(errors="replace") for one in processes}
    return [one for one, name in names.items() if "Agent" not in name]


def finish(started, seconds=150.0):
    out, err = started.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    return out, err


def test_two_workers_with_failing_plugins_and_relative_paths_give_the_serial_records(
    process, plugin, tmp_path, two_methods, finished_run, content
):
    """One run for many demands: Ray equals serial, failures stay alone, paths may be
    relative, Ray prints nothing.
    """
    (tmp_path / "data").mkdir()
    options = (*two_methods[:-4], "--methods", "cross_entropy,gce,raises,dies", "--seeds", "2", *TWO_WORKERS)
    options += ("--plugin", plugin.name, "--out", "results/here")
    started = process("run", *options, cwd=tmp_path, env={"BENCHMARK_DATA": "data", "COLUMNS": "1000"})
    out, err = finish(started)
    assert started.returncode == 1, err
    folder = tmp_path / "results" / "here"
    made, wanted = content(folder), content(finished_run)
    assert {trial: made[trial] for trial in wanted} == wanted
    failures = {(r.method, r.failure.error_class) for r in records(folder) if r.status == "failed"}
    assert failures == {("raises", "ValueError"), ("dies", "ProcessKilled")}
    assert len(made) == 8
    assert "4 left (4 failed)" in err
    assert out == ""
    said = ("Six methods", "Run folder", "8 trials", "preparing", "Warning", "ended,", "8 trials run")
    own = [line for line in err.splitlines() if line.startswith(said) or " ended, " in line]
    assert own == err.splitlines(), "something else than the progress was printed"


def test_workers_go_on_from_trainings_to_the_trials_that_read_them(process, two_methods, tmp_path):
    """Each process that runs trials loads the plug-in once."""
    plugin = tmp_path / "loaded.py"
    plugin.write_text(f"import os, pathlib\n(pathlib.Path({str(tmp_path)!r}) / f'by-{{os.getpid()}}').touch()\n")
    options = (*two_methods[:-4], "--methods", "cross_entropy,cr,cr_npc", "--seeds", "2", *TWO_WORKERS)
    options += ("--limit-examples", "32")
    started = process("run", *options, "--plugin", plugin, "--out", tmp_path / "run")
    _, err = finish(started)
    assert started.returncode == 0, err
    assert "6 trials run" in err
    of_trials = {path.name for path in tmp_path.glob("by-*")} - {f"by-{started.pid}"}
    assert len(of_trials) == 2


@pytest.fixture
def hard_home(tmp_path):
    """An environment with a long TMPDIR and a home that cannot be written."""
    deep = tmp_path / ("long" * 20)
    deep.mkdir()
    home = tmp_path / "home"
    home.write_text("a file where no folder can be made")
    return {"TMPDIR": str(deep), "HOME": str(home), "BENCHMARK_CACHE": str(with_apidocs(tmp_path / "cache"))}


@pytest.mark.parametrize("executor", ["serial", "ray"])
def test_a_driver_killed_at_any_moment_loses_nothing_that_is_finished(
    process, command, wait_until, descendants, two_methods, tmp_path, finished_run, content, hard_home, executor
):
    """While it runs, Ray listens on loopback alone; the next run clears up after it."""
    out = tmp_path / "run"
    options = ("run", *two_methods, "--out", out)
    more = ("--workers", "1") if executor == "ray" else ()
    first = process(*options, "--executor", executor, *more, env=hard_home)
    wait_until(lambda: list((out / "records").glob("*.json")), 240)
    below = working(descendants(first.pid))
    sessions = _sessions(descendants(first.pid))
    listening = {address for _, address in _listening({pid for pid, _ in descendants(first.pid)})}
    assert all(Path(folder).is_dir() for folder in sessions)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    finished = {path.name: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
    wait_until(lambda: not any(map(descendants.alive, below)), 20)
    assert below, "trials ran in the driver itself"
    time.sleep(0.2)
    assert set(finished) == {path.name for path in (out / "records").glob("*.json")}
    assert len(sessions) == (executor == "ray")
    assert bool(listening) == (executor == "ray")
    assert {address[-8:] for address in listening} <= {"0100007F", "01000000"}  # 127.0.0.1 and ::1
    second = command(*options, "--executor", "inline")
    assert second.code == 0, second.err
    assert all((out / "records" / name).stat().st_mtime_ns == when for name, when in finished.items())
    assert content(out) == content(finished_run)
    for folder in sessions:
        wait_until(lambda folder=folder: _removed(Path(folder)), 30)


def test_ctrl_c_ends_a_ray_run_in_good_order(process, wait_until, descendants, two_methods, tmp_path):
    out = tmp_path / "run"
    started = process("run", *two_methods, "--seeds", "40", *TWO_WORKERS, "--out", out)
    wait_until(lambda: list((out / "records").glob("*.json")), 240)
    below = working(descendants(started.pid))
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, err = finish(started, 60)
    assert started.returncode == 130, err
    assert "Ctrl-C" in err
    assert "the same command goes on" in " ".join(err.split())
    assert 0 < len(records(out)) < 80
    assert all(record.status == "done" for record in records(out))
    wait_until(lambda: not any(map(descendants.alive, below)), 20)
    with RunFolder(out).locked():
        pass


@pytest.mark.parametrize("victim", ["gcs_server", pytest.param("raylet", marks=pytest.mark.slow)])
def test_the_death_of_rays_own_processes_is_one_sentence(
    process, two_methods, tmp_path, wait_until, descendants, victim
):
    out = tmp_path / "run"
    started = process("run", *two_methods, "--seeds", "40", *TWO_WORKERS, "--out", out)
    wait_until(lambda: list((out / "records").glob("*.json")), 240)
    names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0] for pid, _ in descendants(started.pid)}
    below = working(descendants(started.pid))
    (dying,) = [pid for pid, name in names.items() if name.endswith(f"/{victim}".encode())]
    os.kill(dying, signal.SIGKILL)
    _, err = finish(started, 60)
    assert started.returncode == 2, err
    assert re.search(rf"\b{victim}\b.*SIGKILL", " ".join(err.split()))
    assert "--executor serial" in " ".join(err.split())
    assert records(out)
    wait_until(lambda: not any(map(descendants.alive, below)), 30)


def _removed(folder):
    """Whether the next run's start has removed the folder; Ray's own processes write
    into it for some seconds after their driver is gone.
    """
    remove_leftovers()
    return not folder.exists()


def _words(processes):
    return b" ".join(_read(Path(f"/proc/{pid}/cmdline")) for pid, _ in processes)


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _sessions(processes):
    return set(re.findall(r"/[a-z/]+/benchmark-run-\w+", _words(processes).decode(errors="replace")))


def _listening(pids):
    """(process, address) of every TCP socket on which one of the processes listens, as
    the kernel writes them.
    """
    owners = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for path in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    owners[str(path.readlink())] = pid
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in owners:
                yield owners[f"socket:[{fields[9]}]"], fields[1].split(":")[0]
