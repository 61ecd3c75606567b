"""What tests of the run machinery share: the command line in and outside this process,
and a finished run.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.disk import disk_not_waited_for  # noqa: F401 - a fixture of all tests
from tests.support.figures import every_format, svg_alone  # noqa: F401 - fixtures of all tests

# Set before torch is imported, and inherited by every process that a test starts: with a
# thread a core each, the workers of the suite would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests neither fill the cache of the one who runs them nor read from it.
os.environ["BENCHMARK_FEATURES_GIB"] = "0"

ROOT = Path(__file__).resolve().parent.parent
LONGEST = ("tests/running/executors/", "tests/notebooks/", "tests/training/test_memorisation.py", "tests/cli/test_own")
TINY = ("--corpora", "apidocs", "--noises", "symmetric(0.4)", "--encoder", "scratch:tiny")
TINY += ("--limit-examples", "16", "--epochs", "1", "--no-report")

PLUGIN = '''
import os, signal
from benchmark.contracts import GradientMethod, Method, register


@register
class Raises(Method):
    """Raises."""

    name = "raises"

    def fit(self, view, kit):
        raise ValueError("on purpose")
        yield


@register
class Dies(Method):
    """Ends its own process."""

    name = "dies"

    def fit(self, view, kit):
        os.kill(os.getpid(), signal.SIGKILL)
        yield


@register
class Endless(Method):
    """Never ends by itself."""

    name = "endless"

    def fit(self, view, kit):
        while True:
            kit.check_time()
        yield


@register
class Halved(GradientMethod):
    """Half the cross-entropy."""

    name = "halved"
    factor: float = 0.5

    def loss(self, batch):
        return self.factor * batch.losses.mean()
'''


def pytest_collection_modifyitems(items):
    """The longest tests come first, so that no worker waits for them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session")
def tiny():
    """Options of a run whose trials take a fraction of a second."""
    return TINY


@pytest.fixture
def plugin(tmp_path):
    """A file with methods that raise, die, never end, and work."""
    path = tmp_path / "own_methods.py"
    path.write_text(PLUGIN)
    return path


@pytest.fixture
def own_registry(monkeypatch):
    """Methods that a test registers are gone after it."""
    from benchmark.contracts import methods

    list(methods)
    monkeypatch.setattr(methods, "_members", dict(methods._members))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("benchmark_plugin_"):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def own_tables():
    """A test meets no table of a user's own but its own, not even one that a fixture of
    many tests added.
    """
    from benchmark.corpora import catalogue

    catalogue._own.clear()
    yield
    catalogue._own.clear()


class Call:
    """How a command ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs the command line in this process."""

    def run(*arguments):
        from benchmark.cli import main

        monkeypatch.setattr(sys, "argv", ["benchmark", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Call(code, captured.out, captured.err)

    return run


@pytest.fixture
def refused(command):
    """Runs a command that must be refused: one screen, exit code 2, no traceback; gives
    the message on one line.
    """

    def run(*arguments):
        ended = command(*arguments)
        assert ended.code == 2, ended.out + ended.err
        assert "Traceback" not in ended.err
        assert len(ended.err.splitlines()) < 25
        return " ".join(ended.err.split())

    return run


def environment(**more):
    return {**os.environ, "BENCHMARK_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "COLUMNS": "80", **more}


@pytest.fixture
def process():
    """Starts the command line as a process group of its own.

    What is left of it is killed after the test.
    """
    started = []

    def start(*arguments, cwd=None, env=None, prefix=()):
        words = [*prefix, sys.executable, "-m", "benchmark", *map(str, arguments)]
        made = subprocess.Popen(
            words,
            cwd=cwd or ROOT,
            env=environment(**(env or {})),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(made)
        return made

    yield start
    for made in started:
        if made.poll() is None:
            os.killpg(made.pid, signal.SIGKILL)
        made.communicate()


@pytest.fixture
def wait_until():
    """Waits for a condition, or fails."""

    def wait(condition, seconds=60.0):
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def descendants():
    """Processes below a process, as (id, start time), and whether one of them still
    runs.
    """

    def status(pid):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return fields[0], int(fields[1]), fields[19]

    def below(root):
        known = {int(path.name): status(path.name) for path in Path("/proc").glob("[0-9]*")}
        found, todo = [], [root]
        while todo:
            parent = todo.pop()
            children = [pid for pid, seen in known.items() if seen and seen[1] == parent]
            todo += children
            found += [(pid, known[pid][2]) for pid in children]
        return found

    def alive(one):
        seen = status(one[0])
        return seen is not None and seen[0] != "Z" and seen[2] == one[1]

    below.alive = alive
    return below


@pytest.fixture
def content():
    """Records of a run folder by trial, without what may differ between two runs:
    costs, time and commit.
    """

    def read(folder):
        from benchmark.records.run_folder import RunFolder

        found = RunFolder(Path(folder)).read()
        assert not found.damaged
        rows = {}
        for trial, record in found.records.items():
            row = record.model_dump(mode="json")
            del row["costs"], row["provenance"]["created"], row["provenance"]["git_commit"]
            rows[trial] = row
        return rows

    return read


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A run folder with four finished trials: two methods, two seeds, run in this
    process.
    """
    from benchmark import run_grid

    folder = tmp_path_factory.mktemp("finished") / "run"
    outcome = run_grid(
        out=folder,
        methods=("cross_entropy", "gce"),
        corpora=("apidocs",),
        noises=("symmetric(0.4)",),
        encoders=("scratch:tiny",),
        seeds=2,
        limit_examples=16,
        epochs=1,
        executor="inline",
    )
    assert outcome.ran == 4
    assert outcome.left == 0
    return folder


@pytest.fixture
def run_copy(finished_run, tmp_path):
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(finished_run, tmp_path / "run"))


@pytest.fixture(scope="session")
def two_methods(tiny):
    """The options that `finished_run` was made with."""
    return (*tiny, "--methods", "cross_entropy,gce", "--seeds", "2")
