"""The arrays that are kept: whole or not at all, within their limit."""

import os
import subprocess

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError
from benchmark.files import kept_arrays
from benchmark.files.leftovers import temporary_beside

KEYS = [digit * 64 for digit in "abcd"]
MIB = np.zeros((1024, 256), dtype=np.float32)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path))
    monkeypatch.delenv(kept_arrays.LIMIT_VARIABLE)


def keep(key, used, features=MIB):
    kept_arrays.write("features", key, features)
    os.utime(kept_arrays.store_folder() / f"{key}.features", (used, used))


def keys():
    return [one.path.stem[0] for one in kept_arrays.kept()]


def test_what_was_kept_is_read_to_the_bit():
    features = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    kept_arrays.write("features", KEYS[0], features)
    np.testing.assert_array_equal(kept_arrays.read("features", KEYS[0]), features, strict=True)


def test_what_was_never_kept_is_none():
    assert kept_arrays.read("features", KEYS[0]) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[:-1] + b"?",
        lambda raw: b"",
        lambda raw: b"{}\n",
        lambda raw: b'{"shape": [Infinity, 1], "sha256": ""}\n',
        lambda raw: b"[" * 100_000 + b"\n",
    ],
    ids=["cut", "a byte", "empty", "no fields", "infinite", "deep"],
)
def test_a_damaged_file_is_removed(damage):
    keep(KEYS[0], 1.0)
    path = kept_arrays.kept()[0].path
    path.write_bytes(damage(path.read_bytes()))
    assert kept_arrays.read("features", KEYS[0]) is None
    assert not path.exists()


def test_a_file_under_the_name_of_another_is_not_taken_for_it():
    keep(KEYS[0], 1.0)
    kept_arrays.kept()[0].path.rename(kept_arrays.store_folder() / f"{KEYS[1]}.features")
    assert kept_arrays.read("features", KEYS[1]) is None


def test_beyond_the_limit_the_least_recently_used_goes_first(monkeypatch):
    monkeypatch.setenv(kept_arrays.LIMIT_VARIABLE, str(3.5 / 1024))
    for used, key in enumerate(KEYS[:3], start=1):
        keep(key, used)
    kept_arrays.read("features", KEYS[0])
    keep(KEYS[3], 9e9)
    assert keys() == ["c", "a", "d"]


def test_what_is_larger_than_the_limit_displaces_nothing(monkeypatch):
    monkeypatch.setenv(kept_arrays.LIMIT_VARIABLE, str(1.5 / 1024))
    keep(KEYS[0], 1.0)
    kept_arrays.write("features", KEYS[1], np.concatenate([MIB, MIB]))
    assert keys() == ["a"]


def test_a_limit_of_zero_neither_writes_nor_reads(monkeypatch):
    keep(KEYS[0], 1.0)
    monkeypatch.setenv(kept_arrays.LIMIT_VARIABLE, "0")
    kept_arrays.write("features", KEYS[1], MIB)
    assert kept_arrays.read("features", KEYS[0]) is None
    assert keys() == ["a"]


@pytest.mark.parametrize("given", ["much", "-1", "nan", "inf"])
def test_a_limit_that_is_none_is_refused_by_name(monkeypatch, given):
    monkeypatch.setenv(kept_arrays.LIMIT_VARIABLE, given)
    with pytest.raises(BenchmarkError, match=f"{kept_arrays.LIMIT_VARIABLE} is '{given}'"):
        kept_arrays.limit_bytes()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "file"))
    kept_arrays.write("features", KEYS[0], MIB)
    assert kept_arrays.read("features", KEYS[0]) is None


def test_features_of_no_texts_are_not_kept():
    kept_arrays.write("features", KEYS[0], np.zeros((0, 3), dtype=np.float32))
    assert keys() == []


def test_a_file_that_claims_another_shape_is_removed():
    keep(KEYS[0], 1.0)
    path = kept_arrays.kept()[0].path
    path.write_bytes(path.read_bytes().replace(b"[1024, 256]", b"[256, 1024]"))
    assert kept_arrays.read("features", KEYS[0]) is None


def test_a_cache_that_cannot_be_written_is_read_all_the_same(monkeypatch):
    def refused(*given):
        raise PermissionError

    keep(KEYS[0], 1.0)
    monkeypatch.setattr(os, "utime", refused)
    np.testing.assert_array_equal(kept_arrays.read("features", KEYS[0]), MIB)


@pytest.mark.parametrize("act", [lambda: kept_arrays.write("features", KEYS[0], MIB), kept_arrays.clear])
def test_what_a_killed_process_left_half_written_is_removed(act):
    ended = subprocess.Popen(["true"])
    ended.wait()
    keep(KEYS[1], 1.0)
    left = temporary_beside(kept_arrays.store_folder() / "half")
    left = left.with_name(left.name.replace(f"-{os.getpid()}.", f"-{ended.pid}."))
    left.write_bytes(b"half")
    act()
    assert not left.exists()


def test_the_verb_shows_what_is_kept(command):
    keep(KEYS[0], 1.0)
    shown = command("cache").out
    assert "1 file, 1.0 MiB of at most 2.0 GiB" in shown
    assert keys() == ["a"]


def test_the_verb_removes_what_is_kept_and_nothing_else(command):
    keep(KEYS[0], 1.0)
    kept_arrays.lock_of("features", KEYS[1]).write_text("left by a killed process")
    other = kept_arrays.store_folder() / "notes.txt"
    other.write_text("mine")
    assert "1 file, 1.0 MiB" in command("cache", "--clear").out
    assert [path.name for path in kept_arrays.store_folder().iterdir()] == [other.name]
