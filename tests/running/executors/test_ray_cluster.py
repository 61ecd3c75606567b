"""A run that joins a Ray cluster, and addresses where there is none."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch

from benchmark.contracts import BenchmarkError
from benchmark.records.code.provenance import git_commit
from benchmark.records.run_folder import RunFolder
from benchmark.running.executors import Resources, ray_driver
from benchmark.running.executors.ray_tune import Session, check_capacity, connect

TWO_WORKERS = ("--executor", "ray", "--workers", "2")
RAY = Path(sys.executable).with_name("ray")


HIDING = """
import pathlib
seen = pathlib.Path.is_dir
def is_dir(self):
    hidden = str(self).startswith({folder!r}) and b"::Home" not in pathlib.Path("/proc/self/cmdline").read_bytes()
    return not hidden and seen(self)
pathlib.Path.is_dir = is_dir
"""
"""A node that does not see the driver's folder. The actor `Home`, which is always
beside the driver, does.
"""


def records(folder):
    return list(RunFolder(Path(folder)).read().records.values())


def finish(started, seconds=150.0):
    out, err = started.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    return out, err


@pytest.fixture
def start_node(tmp_path, wait_until, descendants):
    """Starts Ray nodes on the loopback address.

    Only their own processes are ended. Gives the log of each.
    """
    nodes = []

    def start(*words, **environment):
        log = tmp_path / f"node{len(nodes)}.log"
        command = [str(RAY), "start", *words, "--disable-usage-stats", "--block"]
        temporary = tempfile.mkdtemp(prefix="nodes-", dir="/tmp")
        env = {**os.environ, "RAY_AUTH_MODE": "disabled", "RAY_TMPDIR": temporary, **environment}
        with log.open("w") as file:
            node = subprocess.Popen(command, stdout=file, stderr=file, cwd="/", start_new_session=True, env=env)
        nodes.append((node, temporary))
        wait_until(lambda: "Ray runtime started" in log.read_text(), 90)
        return node

    yield start
    for node, temporary in reversed(nodes):
        for pid, _ in [(node.pid, None), *descendants(node.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.wait()
        shutil.rmtree(temporary, ignore_errors=True)


@pytest.fixture
def start_cluster(start_node):
    """Starts a cluster of one core; gives its address."""

    def start(**environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        words = ("--head", f"--port={port}", "--node-ip-address=127.0.0.1", "--num-cpus=1", "--num-gpus=0")
        start_node(*words, "--include-dashboard=false", **environment)
        return f"127.0.0.1:{port}"

    return start


def test_a_cluster_whose_nodes_cannot_see_the_drivers_folder_gives_the_same_records(
    start_cluster, process, two_methods, tmp_path, finished_run, content
):
    """The folder is visible to root alone here, so the cluster's own interpreters are
    made not to see it.
    """
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text(HIDING.format(folder=str(tmp_path / "run")))
    plugin = tmp_path / "where.py"
    plugin.write_text(
        "import os, pathlib, benchmark.running.executors.shipping as shipping\n"
        f"(pathlib.Path({str(tmp_path)!r}) / f'code-{{os.getpid()}}').write_text(shipping.__file__)\n"
    )
    address = start_cluster(PYTHONPATH=str(hiding))
    out = tmp_path / "run"
    options = (*two_methods, "--seeds", "1", "--methods", "cross_entropy", "--out", out, "--plugin", plugin)
    started = process("run", *options, "--address", address, env={"RAY_AUTH_MODE": "disabled"})
    _, err = finish(started)
    assert started.returncode == 0, err
    (trial,) = content(out)
    assert content(out)[trial] == content(finished_run)[trial]
    assert {record.provenance.git_commit is None for record in records(out)} == {git_commit() is None}
    assert {record.provenance.node for record in records(out)} == {os.uname().nodename}
    loaded = {path.read_text() for path in tmp_path.glob("code-*")}
    assert any("runtime_resources" in path for path in loaded), "the driver's code did not travel"


@pytest.mark.slow
def test_shared_trainings_travel_and_copies_that_nobody_reads_any_more_go(
    start_cluster, process, command, two_methods, tmp_path, content
):
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text(HIDING.format(folder=str(tmp_path / "run")))
    nodes_own = tmp_path / "node"
    nodes_own.mkdir()
    address = start_cluster(PYTHONPATH=str(hiding), TMPDIR=str(nodes_own))
    options = (*two_methods[:-4], "--methods", "cross_entropy,cr,cr_npc", "--seeds", "2", "--limit-examples", "32")
    started = process(
        "run", *options, "--out", tmp_path / "run", "--address", address, env={"RAY_AUTH_MODE": "disabled"}
    )
    _, err = finish(started)
    assert started.returncode == 0, err
    alone = command("run", *options, "--executor", "inline", "--out", tmp_path / "inline")
    assert alone.code == 0, alone.err
    assert content(tmp_path / "run") == content(tmp_path / "inline")
    assert list(nodes_own.glob("noisy-label-benchmark-*/corpus-*"))
    assert len(list(nodes_own.glob("noisy-label-benchmark-*/training-*"))) <= 1


@pytest.mark.parametrize(
    ("nodes", "fits"),
    [
        ([{"CPU": 2.0, "GPU": 1.0}], True),
        ([{"CPU": 1.0, "GPU": 1.0}, {"CPU": 8.0}], False),
        ([{"CPU": 8.0, "GPU": 0.5}], False),
        ([], False),
    ],
)
def test_a_trial_must_find_all_that_it_asks_for_on_one_node(nodes, fits):
    wanted = Resources(threads_per_trial=2, gpus_per_trial=1.0)
    if fits:
        check_capacity(wanted, nodes)
        return
    with pytest.raises(BenchmarkError, match="2 CPU, 1 GPU"):
        check_capacity(wanted, nodes)


@pytest.mark.slow
def test_what_the_cluster_lacks_is_said_before_anything_is_prepared(
    start_cluster, start_node, process, two_methods, tmp_path
):
    """A second node with a GPU that is none joins, and then the same trial may
    start.
    """
    address = start_cluster()
    options = (*two_methods, "--seeds", "1", "--out", tmp_path / "run", "--address", address)
    options += ("--gpus-per-trial", "1")
    lacking = process("run", *options, env={"RAY_AUTH_MODE": "disabled"})
    _, err = finish(lacking)
    said = " ".join(err.split())
    assert lacking.returncode == 2, err
    assert "1 GPU" in said
    assert "1 × (1 CPU, 0 GPU)" in said
    assert "preparing" not in said
    start_node(f"--address={address}", "--node-ip-address=127.0.0.1", "--num-cpus=1", "--num-gpus=1")
    joined = process("run", *options, env={"RAY_AUTH_MODE": "disabled"})
    _, err = finish(joined)
    assert re.search(r"apidocs\b.*scratch:tiny", err)
    assert "2 trials run" in err
    found = records(tmp_path / "run")
    if not torch.cuda.is_available():
        assert {record.status for record in found} == {"failed"}, "no such GPU exists, which only the trial can know"


def test_what_takes_connections_and_is_no_cluster_is_said_in_time(process, two_methods, tmp_path, monkeypatch):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        resources = Resources(address=address).checked()
        monkeypatch.setattr(ray_driver, "SECONDS_TO_JOIN", 8.0)
        began = time.monotonic()
        with pytest.raises(BenchmarkError, match=address), ray_driver.ray_run(resources, lambda: False):
            raise AssertionError("not reached")
        assert time.monotonic() - began < 60


def test_a_cluster_that_asks_for_a_token_is_said_to_need_its_mode(tmp_path):
    class Ray:
        def init(self, **given):
            raise ConnectionError("Failed to connect")

    (tmp_path / "code").mkdir()
    session = Session(Resources(address="127.0.0.1:6379"), tmp_path)
    with pytest.raises(BenchmarkError, match=r"127\.0\.0\.1:6379.*RAY_AUTH_MODE=token"):
        connect(Ray(), session)


@pytest.mark.parametrize("address", ["nowhere", "ray://127.0.0.1:1", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(Exception, match=re.escape(address)):
        Resources(address=address).checked()


def test_an_address_where_nobody_answers_is_refused_within_seconds():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(Exception, match=rf"127\.0\.0\.1:{port}\b"):
        Resources(address=f"127.0.0.1:{port}").checked()
    assert time.monotonic() - began < 10
