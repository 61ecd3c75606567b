"""Noise that drops rows, through the whole corruption: held-out classes and
imbalance.
"""

import logging
from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.corpora.corpus import Split
from benchmark.noisy_labels.cache import noisy_from_saved, save_noisy_labels
from benchmark.noisy_labels.inject import inject_noise
from tests.support.toy_corpora import CLASSES, corpus_with, split_of


def corpus_of_sizes(size=100, valid=0):
    """Every class with as many texts in each split."""
    names = ["train", "test", *(["valid"] if valid else [])]
    clean = {name: np.repeat(np.arange(CLASSES), {"valid": valid}.get(name, size)) for name in names}
    return corpus_with(
        **{
            name: Split(tuple(f"{name}{i}" for i in range(len(labels))), tuple(f"topic{k}" for k in labels), labels)
            for name, labels in clean.items()
        }
    )


@pytest.mark.parametrize("valid", [50, 0])
@pytest.mark.parametrize("text", ["open_set(0.1)", "symmetric(0.2)+open_set(0.1)", "open_set(0.1)+symmetric(0.2)"])
def test_held_out_texts_are_trained_on_at_the_rate_and_neither_validated_nor_tested_on(text, valid, tmp_path: Path):
    corpus = corpus_of_sizes(valid=valid)
    noisy = inject_noise(corpus, noise_from(text), seed=1)
    held_out = noisy.train.clean_labels == 3
    assert held_out.mean() == pytest.approx(0.1, abs=1.5 / len(noisy.train))
    assert noisy.train_labels.max() == 2
    for split in (noisy.valid, noisy.test):
        assert len(split)
        assert split.clean_labels.max() == 2
    assert (corpus.splits["test"].clean_labels[noisy.test_rows] == noisy.test.clean_labels).all()
    assert noisy.test.ids == tuple(corpus.splits["test"].ids[row] for row in noisy.test_rows)
    manifest = noisy.manifest
    closed = 0.2 if "symmetric" in text else 0.0
    assert manifest.realised_rate == pytest.approx(closed * 0.9 + 0.1, abs=0.01)
    assert manifest.realised_rate == (noisy.train_labels != noisy.train.clean_labels).mean()
    assert manifest.realised_valid_rate == pytest.approx(closed, abs=0.01 if valid or not closed else 0.2)
    assert (manifest.known_classes, manifest.num_classes, manifest.test_rows) == (3, 4, 300)
    assert manifest.rate_by_class[3] == 1.0
    assert manifest.unlabelled_rows == 100 - round(300 / 9)
    save_noisy_labels(tmp_path / "labels.npz", noisy)
    again = noisy_from_saved(corpus, tmp_path / "labels.npz")
    assert again.test.ids == noisy.test.ids
    assert (again.test_rows == noisy.test_rows).all()


def test_no_warning_names_a_held_out_class_as_vanished(caplog):
    with caplog.at_level(logging.WARNING):
        inject_noise(corpus_of_sizes(), noise_from("open_set(0.1)"), seed=1)
    assert not caplog.text


def test_a_test_split_of_held_out_classes_alone_is_an_error():
    train = split_of("train", 200)
    test = train.rows(np.flatnonzero(train.clean_labels == 3))
    with pytest.raises(BenchmarkError, match="leaves no test text"):
        inject_noise(corpus_with(train=train, test=test), noise_from("open_set(0.05)"), seed=1)


def test_imbalance_holds_before_label_noise_and_leaves_test_whole():
    noisy = inject_noise(corpus_of_sizes(valid=50), noise_from("imbalance(10,order=given)+symmetric(0.4)"), seed=1)
    assert np.bincount(noisy.train.clean_labels).tolist() == [100, 46, 21, 10]
    assert np.bincount(noisy.valid.clean_labels).tolist() == [50, 23, 10, 5]
    assert noisy.test_rows.tolist() == list(range(400))
    assert noisy.manifest.unlabelled_rows == 400 - 177
    assert noisy.manifest.realised_rate == pytest.approx(0.4, abs=1 / 177)
    for rate, size in zip(noisy.manifest.rate_by_class, (100, 46, 21, 10), strict=True):
        assert abs(rate - 0.4) * size < 1.001
