"""Who holds a lock goes on, others wait, and nobody's death keeps it."""

import signal
import subprocess
import sys

import pytest

from benchmark.files import turns
from benchmark.files.turns import in_turn, lock_beside, remove_free_locks

HOLD = """
import sys, time
from pathlib import Path
from benchmark.files.turns import in_turn
with in_turn(Path(sys.argv[1]), lambda word: None) as tell:
    tell("half")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "SECONDS_BETWEEN_LOOKS", 0.01)
    return lock_beside(tmp_path / "folder" / "a.features")


@pytest.fixture
def holder(lock):
    """Another process that holds the lock."""
    with subprocess.Popen([sys.executable, "-c", HOLD, lock], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def words_until(end):
    """Words that a waiting process is told; at the third one `end` is called."""
    seen = []

    def told(word):
        seen.append(word)
        if len(seen) == 3:
            end()

    return seen, told


def test_a_lock_is_gone_after_its_block_and_after_an_error(lock):
    with in_turn(lock, pytest.fail):
        assert lock.exists()
    assert not lock.exists()
    with pytest.raises(KeyError), in_turn(lock, pytest.fail):
        raise KeyError
    assert list(lock.parent.iterdir()) == []


def test_who_waits_is_told_the_holders_word_until_the_holder_is_killed(lock, holder):
    seen, told = words_until(holder.kill)
    with in_turn(lock, told):
        assert set(seen) == {"half"}
        assert len(seen) >= 3
    assert not lock.exists()


def test_a_wait_ends_with_the_error_of_who_is_told(lock, holder):
    def interrupted(word):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), in_turn(lock, interrupted):
        pytest.fail("the lock is held")
    assert holder.poll() is None


def test_a_halted_holder_is_waited_for_no_longer_than_patience_lasts(lock, holder, monkeypatch):
    monkeypatch.setattr(turns, "SECONDS_OF_PATIENCE", 0.1)
    holder.send_signal(signal.SIGSTOP)
    with in_turn(lock, lambda word: None):
        assert lock.exists(), "it is the other's still"
    assert lock.exists()


def test_a_holder_whose_lock_was_removed_leaves_that_of_the_next_one(lock):
    first, second = in_turn(lock, pytest.fail), in_turn(lock, pytest.fail)
    first.__enter__()
    lock.unlink()
    second.__enter__()
    first.__exit__(None, None, None)
    assert lock.exists()
    second.__exit__(None, None, None)
    assert not lock.exists()


def test_locks_of_the_dead_are_removed_and_those_of_the_living_stay(lock, holder):
    left = lock_beside(lock.with_name("b.features"))
    left.write_text("half")
    remove_free_locks(lock.parent)
    assert not left.exists()
    assert lock.exists()
    remove_free_locks(lock.parent / "none")


def test_without_a_folder_to_write_nobody_waits(tmp_path):
    (tmp_path / "file").write_text("")
    with in_turn(tmp_path / "file" / "a.lock", pytest.fail) as tell:
        tell("half")
    assert (tmp_path / "file").read_text() == ""
