"""Noisy labels as files."""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.noisy_labels.cache import load_noisy_labels, noisy_from_saved, save_noisy_labels
from benchmark.noisy_labels.inject import inject_noise
from tests.support.toy_corpora import CLASSES, corpus_of


@pytest.mark.parametrize("valid", [80, 0])
@pytest.mark.parametrize("text", ["observed(weak)", "symmetric(0.4)"])
def test_saved_labels_rebuild_the_noisy_corpus(text, valid, tmp_path: Path):
    corpus, path = corpus_of(valid=valid), tmp_path / "deep" / "labels.npz"
    noisy = inject_noise(corpus, noise_from(text), seed=1)
    save_noisy_labels(path, noisy)
    again = noisy_from_saved(corpus, path)
    assert [file.name for file in path.parent.iterdir()] == ["labels.npz"]
    assert again.manifest == noisy.manifest == load_noisy_labels(path).manifest
    for name in ("train_labels", "valid_labels", "train_rows", "valid_rows"):
        assert getattr(again, name).dtype == np.int64
        assert (getattr(again, name) == getattr(noisy, name)).all()
    assert (again.train.ids, again.valid.texts, again.test) == (noisy.train.ids, noisy.valid.texts, noisy.test)


def test_a_damaged_a_cut_and_a_missing_file_are_errors(tmp_path: Path):
    path = tmp_path / "labels.npz"
    save_noisy_labels(path, inject_noise(corpus_of(), noise_from("symmetric(0.4)"), seed=1))
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(BenchmarkError, match="damaged"):
            load_noisy_labels(path)
    for place in range(40, len(whole) - 40, max(1, len(whole) // 60)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            assert load_noisy_labels(path).manifest.noise == "symmetric(0.4)"
        except BenchmarkError as problem:
            assert "damaged" in str(problem)
    with pytest.raises(BenchmarkError, match="no noisy labels"):
        load_noisy_labels(tmp_path / "none.npz")


def test_a_file_whose_labels_were_edited_is_damaged(tmp_path: Path):
    path = tmp_path / "labels.npz"
    save_noisy_labels(path, inject_noise(corpus_of(), noise_from("symmetric(0.4)"), seed=1))
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["train_labels"] = (arrays["train_labels"] + 1) % CLASSES
    np.savez(path, **arrays)
    with pytest.raises(BenchmarkError, match="damaged"):
        load_noisy_labels(path)


def test_a_pickle_inside_the_file_is_refused(tmp_path: Path):
    path = tmp_path / "labels.npz"
    np.savez(path, train_labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BenchmarkError, match="damaged"):
        load_noisy_labels(path)


def test_labels_of_another_corpus_or_of_other_ids_are_refused(tmp_path: Path):
    corpus, path = corpus_of(), tmp_path / "labels.npz"
    noisy = inject_noise(corpus, noise_from("symmetric(0.4)"), seed=1)
    save_noisy_labels(path, noisy)
    with pytest.raises(BenchmarkError, match="belong to a corpus"):
        noisy_from_saved(corpus_of(train=401), path)
    forged = json.loads(noisy.manifest.model_dump_json()) | {"fingerprint": "0" * 16}
    save_noisy_labels(path, dataclasses.replace(noisy, manifest=type(noisy.manifest)(**forged)))
    with pytest.raises(BenchmarkError, match="own fingerprint"):
        noisy_from_saved(corpus, path)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch):
    path, noisy = tmp_path / "labels.npz", inject_noise(corpus_of(), noise_from("symmetric(0.4)"), seed=1)
    save_noisy_labels(path, noisy)
    before = path.read_bytes()

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        save_noisy_labels(path, noisy)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["labels.npz"]
