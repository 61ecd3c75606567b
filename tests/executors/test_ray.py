"""Ray workers: the same records as without them, whatever dies. A start of Ray is dear, so tests share them."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.executors import Resources
from benchmark.provenance import git_commit
from benchmark.store import RunFolder

TWO_WORKERS = ("--executor", "ray", "--workers", "2")
RAY = Path(sys.executable).with_name("ray")


def records(folder):
    return list(RunFolder(Path(folder)).read().records.values())


def working(processes):
    """Without Ray's own agents, which touch no record and end by themselves a minute after their raylet."""
    names = {one: Path(f"/proc/{one[0]}/cmdline").read_text(errors="replace") for one in processes}
    return [one for one, name in names.items() if "Agent" not in name]


def finish(started, seconds=150.0):
    out, err = started.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    return out, err


def test_two_workers_with_failing_plugins_and_relative_paths_give_the_serial_records(
    process, plugin, tmp_path, two_methods, finished_run, content
):
    """One run for many demands: Ray equals serial, failures stay alone, paths may be relative, Ray prints nothing."""
    (tmp_path / "data").mkdir()
    options = (*two_methods[:-4], "--methods", "cross_entropy,gce,raises,dies", "--seeds", "2", *TWO_WORKERS)
    options += ("--plugin", plugin.name, "--out", "results/here")
    started = process("run", *options, cwd=tmp_path, env={"BENCHMARK_DATA": "data"})
    out, err = finish(started)
    assert started.returncode == 1, err
    folder = tmp_path / "results" / "here"
    made, wanted = content(folder), content(finished_run)
    assert {trial: made[trial] for trial in wanted} == wanted
    failures = {(r.method, r.failure.error_class) for r in records(folder) if r.status == "failed"}
    assert failures == {("raises", "ValueError"), ("dies", "WorkerDied")} and len(made) == 8
    assert "4 left (4 failed)" in err and out == ""
    said = ("Six methods", "8 trials", "preparing", "Warning", "ended,", "8 trials run")
    own = [line for line in err.splitlines() if line.startswith(said) or " ended, " in line]
    assert own == err.splitlines(), "something else than the progress was printed"


@pytest.mark.parametrize("executor", ["serial", "ray"])
def test_a_driver_killed_at_any_moment_loses_nothing_that_is_finished(
    process, wait_until, descendants, two_methods, tmp_path, finished_run, content, executor
):
    out = tmp_path / "run"
    options = ("run", *two_methods, "--out", out)
    first = process(*options, "--executor", executor, *(("--workers", "1") if executor == "ray" else ()))
    wait_until(lambda: list((out / "records").glob("*.json")), 120)
    below = working(descendants(first.pid))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    finished = {path.name: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
    wait_until(lambda: not any(map(descendants.alive, below)), 20)
    assert bool(below) == (executor == "ray")
    time.sleep(0.2)
    assert set(finished) == {path.name for path in (out / "records").glob("*.json")}
    second = process(*options, "--executor", "serial")
    finish(second)
    assert second.returncode == 0
    assert all((out / "records" / name).stat().st_mtime_ns == when for name, when in finished.items())
    assert content(out) == content(finished_run)


def test_ctrl_c_ends_a_ray_run_in_good_order(process, wait_until, descendants, two_methods, tmp_path):
    out = tmp_path / "run"
    started = process("run", *two_methods, "--seeds", "40", *TWO_WORKERS, "--out", out)
    wait_until(lambda: list((out / "records").glob("*.json")), 120)
    below = working(descendants(started.pid))
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, err = finish(started, 60)
    assert started.returncode == 130, err
    assert "stopped by Ctrl-C" in err and "the same command goes on" in err
    assert 0 < len(records(out)) < 80 and all(record.status == "done" for record in records(out))
    wait_until(lambda: not any(map(descendants.alive, below)), 20)
    with RunFolder(out).locked():
        pass


@pytest.fixture
def cluster(tmp_path, wait_until, descendants):
    """A running Ray cluster of one core on the loopback address; only its own processes are ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(RAY), "start", "--head", f"--port={port}", "--node-ip-address=127.0.0.1", "--num-cpus=1"]
    words += ["--include-dashboard=false", "--disable-usage-stats", "--block"]
    env = {**os.environ, "RAY_AUTH_MODE": "disabled"}
    with (tmp_path / "ray.log").open("w") as log:
        head = subprocess.Popen(words, stdout=log, stderr=log, cwd="/", start_new_session=True, env=env)
    try:
        wait_until(lambda: "Ray runtime started" in (tmp_path / "ray.log").read_text(), 60)
        yield f"127.0.0.1:{port}"
    finally:
        below = descendants(head.pid)
        for pid in (head.pid, *(pid for pid, _ in below)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        head.wait()


def test_a_cluster_whose_nodes_cannot_see_the_drivers_folder_gives_the_same_records(
    cluster, process, two_methods, tmp_path, finished_run, content, monkeypatch
):
    """The folder is visible to root alone here, so the plugin hides it from every process but the driver."""
    hiding = tmp_path / "hiding.py"
    hiding.write_text(
        "import os, pathlib\n"
        f"if os.environ.get('DRIVER') != str(os.getppid()):\n"
        f"    seen = pathlib.Path.is_dir\n"
        f"    def is_dir(self):\n"
        f"        return not str(self).startswith({str(tmp_path)!r}) and seen(self)\n"
        f"    pathlib.Path.is_dir = is_dir\n"
        "    import benchmark.executors.shipping as shipping\n"
        f"    (pathlib.Path({str(tmp_path)!r}) / 'code').write_text(shipping.__file__)\n"
    )
    out = tmp_path / "run"
    env = {"DRIVER": str(os.getpid()), "RAY_AUTH_MODE": "disabled"}
    options = (*two_methods, "--seeds", "1", "--methods", "cross_entropy", "--out", out, "--plugin", hiding)
    started = process("run", *options, "--address", cluster, env=env)
    _, err = finish(started)
    assert started.returncode == 0, err
    (trial,) = content(out)
    assert content(out)[trial] == content(finished_run)[trial]
    assert {record.provenance.git_commit is None for record in records(out)} == {git_commit() is None}
    assert "runtime_resources" in (tmp_path / "code").read_text(), "the driver's code did not travel"


@pytest.mark.parametrize("address", ["nowhere", "ray://127.0.0.1:1", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(Exception, match=r"--address is|No Ray cluster answers"):
        Resources(address=address).checked()


def test_an_address_where_nobody_answers_is_refused_within_seconds():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(Exception, match="No Ray cluster answers"):
        Resources(address=f"127.0.0.1:{port}").checked()
    assert time.monotonic() - began < 10
