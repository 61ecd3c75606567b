"""Methods that attack their process fail alone and are named truly.

The other trials go on.
"""

import os
import signal
from pathlib import Path

import pytest

from benchmark.records.run_folder import RunFolder

FAILURES = {
    "exits_0": ("SystemExit", "sys.exit(0)"),
    "exits_3": ("SystemExit", "sys.exit(3)"),
    "leaves_0": ("ProcessExited", "exit code 0"),
    "leaves_3": ("ProcessExited", "exit code 3"),
    "interrupts": ("KeyboardInterrupt", "method"),
    "crashes": ("ProcessKilled", "SIGSEGV"),
    "aborts": ("ProcessKilled", "SIGABRT"),
    "is_killed": ("ProcessKilled", "SIGKILL"),
    "sleeps": ("TrialTimeoutError", ""),
    "holds_the_lock": ("TrialTimeoutError", ""),
    "ignores_terms": ("TrialTimeoutError", ""),
    # The driver sees the closed pipe or the end of the process, whichever comes first.
    "closes_pipes": ("ProcessGarbled ProcessExited", "process"),
    "takes_all_memory": ("MemoryError", "memory"),
    "prints": ("ValueError", "said"),
    "spawns": ("ProcessExited", "exit code 4"),
}
LIMIT_S, QUICK_S = 12, 6  # an honest trial takes less than one, on an idle machine
QUICK = ("exits_0", "leaves_0", "sleeps")


@pytest.fixture
def attacked(process, attacking, tiny, tmp_path):
    """Runs attacks and one honest method.

    Gives the exit code, what was printed and the records by method.
    """

    def run(names, executor, limit_s=LIMIT_S):
        out = tmp_path / "run"
        options = (*tiny, "--plugin", attacking, "--methods", ",".join([*names, "cross_entropy"]), "--seeds", "1")
        options += ("--executor", executor, "--trial-hours", limit_s / 3600, "--out", out)
        started = process("run", *options, *(("--workers", "2") if executor == "ray" else ()))
        printed, err = started.communicate(timeout=400)
        return started.returncode, printed + err, {r.method: r for r in RunFolder(out).read().records.values()}

    return run


def check(names, code, printed, records, limit_s=LIMIT_S):
    assert code == 1, printed
    assert {name: record.status for name, record in records.items()} == dict.fromkeys(names, "failed") | {
        "cross_entropy": "done"
    }
    for name in names:
        kind, word = FAILURES[name]
        word = word or f"{limit_s} s"
        failure = records[name].failure
        assert failure.error_class in kind.split(), (name, failure)
        assert word in failure.message, failure
        assert records[name].provenance.node == os.uname().nodename
    assert "Traceback" not in printed


def test_a_method_that_ends_or_blocks_its_process_is_one_failed_trial(attacked):
    code, printed, records = attacked(QUICK, "serial", QUICK_S)
    check(QUICK, code, printed, records, QUICK_S)
    assert any(" in fit" in line for line in records["sleeps"].failure.traceback_tail), "where it blocked is not said"


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["serial", "ray"])
def test_no_attack_on_its_process_is_more_than_one_failed_trial(attacked, executor):
    code, printed, records = attacked(tuple(FAILURES), executor)
    check(tuple(FAILURES), code, printed, records)
    assert "said aloud" not in printed
    assert any(" in fit" in line for line in records["crashes"].failure.traceback_tail)
    assert records["spawns"].failure.traceback_tail == [], "what another trial printed is taken for its own"
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"1234.5" in _read(path)]
    assert left == []


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.usefixtures("own_registry")
def test_in_process_only_a_method_that_asks_for_the_end_is_one_failed_trial(command, attacking, tiny, tmp_path):
    out = tmp_path / "run"
    options = (*tiny, "--plugin", attacking, "--methods", "exits_0,cross_entropy", "--seeds", "1", "--out", out)
    ended = command("run", *options, "--executor", "inline")
    found = {record.method: record.status for record in RunFolder(out).read().records.values()}
    assert found == {"exits_0": "failed", "cross_entropy": "done"}
    assert ended.code == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("executor", ["serial", pytest.param("ray", marks=pytest.mark.slow)])
def test_a_signal_in_a_trial_ends_the_run_in_good_order_and_a_second_run_goes_on(
    process, command, two_methods, tmp_path, wait_until, descendants, content, finished_run, number, code, executor
):
    out = tmp_path / "run"
    started = process("run", *two_methods, "--executor", executor, "--seeds", "30", "--out", out)
    wait_until(lambda: list((out / "records").glob("*.json")), 240)
    below = descendants(started.pid)
    os.kill(started.pid, number)
    _, err = started.communicate(timeout=60)
    assert started.returncode == code, err
    assert "Traceback" not in err
    assert "***" not in err
    assert {record["status"] for record in content(out).values()} == {"done"}
    wait_until(lambda: not any(map(descendants.alive, below)), 20)
    again = command("run", *two_methods, "--executor", "inline", "--out", out)
    assert again.code == 0, again.err
    made = content(out)
    assert {trial: made[trial] for trial in content(finished_run)} == content(finished_run)


@pytest.mark.parametrize("executor", ["serial", pytest.param("ray", marks=pytest.mark.slow)])
def test_a_second_signal_ends_a_trial_that_would_never_end(
    process, attacking, tiny, tmp_path, wait_until, descendants, executor
):
    out = tmp_path / "run"
    options = (*tiny, "--plugin", attacking, "--methods", "sleeps", "--seeds", "1", "--out", out)
    started = process("run", *options, "--executor", executor)
    wait_until(lambda: descendants(started.pid), 60)
    wait_until(lambda: (out / "artefacts").exists(), 60)
    wait_until(lambda: _busy(descendants(started.pid)), 120)
    below = descendants(started.pid)
    os.kill(started.pid, signal.SIGTERM)
    if executor == "serial":
        with pytest.raises(Exception, match="timed out"):
            started.communicate(timeout=1)
    os.kill(started.pid, signal.SIGHUP)
    _, err = started.communicate(timeout=30)
    assert started.returncode in ((129,) if executor == "serial" else (129, 143)), err
    assert "Traceback" not in err
    wait_until(lambda: not any(map(descendants.alive, below)), 20)


def _busy(processes):
    """Whether a trial process has imported what it needs and sleeps in the method."""
    for pid, _ in processes:
        words = _read(Path(f"/proc/{pid}/cmdline"))
        if b"trial_process" in words and b"hrtimer_nanosleep" in _read(Path(f"/proc/{pid}/wchan")):
            return True
        if b"trial_process" in words and _syscall(pid) in (35, 230):
            return True
    return False


def _syscall(pid):
    text = _read(Path(f"/proc/{pid}/syscall")).split()
    return int(text[0]) if text and text[0].isdigit() else None
