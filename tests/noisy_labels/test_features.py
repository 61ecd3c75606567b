import dataclasses
import json

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, NoiseInputs, NoiseModel, noise_from
from benchmark.corpora.corpus import Corpus, Split
from benchmark.noisy_labels.features import TOKENS, arrays_for, features_for, token_ids_for
from benchmark.noisy_labels.inject import inject_noise
from benchmark.records.run_folder import RunFolder


def split_of(prefix, size):
    rng = np.random.default_rng(size)
    clean = rng.integers(0, 3, size)
    texts = tuple(f"topic{(k + (rng.random() < 0.3)) % 3} word{rng.integers(20)} word{rng.integers(20)}" for k in clean)
    return Split(tuple(f"{prefix}{i}" for i in range(size)), texts, clean)


@pytest.fixture
def corpus():
    splits = {"train": split_of("train", 300), "valid": split_of("valid", 60), "test": split_of("test", 40)}
    return Corpus("toy", ("a", "b", "c"), splits)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("symmetric(0.4)", []),
        ("instance(0.4)", ["features"]),
        ("pmd(0.4)", ["features", "teacher"]),
        ("seal(0.4)", ["features", "teacher"]),
        ("instance_token_ids(0.4)", ["token_ids"]),
        ("confusion(0.1)", []),
    ],
)
def test_what_a_model_reads_is_made_and_nothing_else(text, kinds, corpus):
    assert list(noise_from(text).arrays_made) == kinds
    assert list(arrays_for(corpus, noise_from(text))) == kinds


def test_every_array_covers_training_and_validation_and_never_test(corpus):
    arrays = {**arrays_for(corpus, noise_from("pmd(0.4)")), **arrays_for(corpus, noise_from("instance_token_ids(0.4)"))}
    for by_split in arrays.values():
        assert {name: len(rows) for name, rows in by_split.items()} == {"train": 300, "valid": 60}
    assert arrays["teacher"]["train"].shape == (300, 3)
    assert arrays["token_ids"]["valid"].shape == (60, TOKENS)


def test_the_teacher_learns_from_training_labels_alone(corpus):
    valid = dataclasses.replace(corpus.splits["valid"], clean_labels=(corpus.splits["valid"].clean_labels + 1) % 3)
    other = dataclasses.replace(corpus, splits={**corpus.splits, "valid": valid})
    first, second = (arrays_for(part, noise_from("seal(0.4)"))["teacher"] for part in (corpus, other))
    assert all((first[name] == second[name]).all() for name in ("train", "valid"))


def test_token_ids_are_word_pieces_of_berts_vocabulary_between_its_marks(corpus):
    train = Split(("a", "b"), ("Hello world", "word " * 300), np.array([0, 1]))
    ids = token_ids_for(dataclasses.replace(corpus, splits={"train": train, "test": train}))
    assert list(ids) == ["train"]
    assert ids["train"].dtype == np.int32
    assert ids["train"][0, :5].tolist() == [101, 7592, 2088, 102, 0]
    assert not ids["train"][0, 4:].any()
    assert ids["train"][1, [0, 1, 126, 127]].tolist() == [101, 2773, 2773, 102]


@dataclasses.dataclass(init=False, repr=False, eq=False)
class _Spy(NoiseModel):
    name = "spy"

    def __init__(self, **asked):
        self.seen = []
        for name, value in asked.items():
            setattr(self, name, value)

    def corrupt(self, inputs: NoiseInputs):
        self.seen.append(inputs)
        return inputs.clean_labels.copy()

    def stream_name(self):
        return "spy"

    def __str__(self):
        return "spy()"


OPTIONAL = ("features", "teacher", "token_ids", "texts")


def test_a_model_gets_what_it_asks_for_and_none_of_the_rest(corpus):
    silent = _Spy()
    inject_noise(corpus, silent, seed=1)
    assert all(getattr(inputs, name) is None for inputs in silent.seen for name in (*OPTIONAL, "training"))
    for asked in OPTIONAL:
        spy = _Spy(**{f"reads_{asked}": True})
        inject_noise(corpus, spy, seed=1)
        for inputs, size in zip(spy.seen, (300, 60), strict=True):
            assert len(getattr(inputs, asked)) == size
            assert all(getattr(inputs, name) is None for name in OPTIONAL if name != asked)


def test_a_model_that_learns_gets_the_training_split_beside_validation(corpus):
    spy = _Spy(reads_texts=True, learns_from_training=True)
    inject_noise(corpus, spy, seed=1)
    train, valid = spy.seen
    assert train.training is None
    assert train.training_inputs() is train
    assert valid.training_inputs().texts == train.texts
    assert valid.training_inputs().draws == train.draws


def test_arrays_that_lack_rows_are_an_error_that_names_them(corpus):
    with pytest.raises(BenchmarkError, match=r"'seal\(0.4\)'.*teacher.*\b300 train"):
        inject_noise(corpus, noise_from("seal(0.4)"), 1, {"features": features_for(corpus)})


def test_a_run_makes_the_teacher_once_and_its_trials_share_the_labels(command, tiny, tmp_path):
    more = ("--noises", "pmd(0.3),seal(0.3),keywords()", "--methods", "cross_entropy,gce", "--seeds", "2")
    ended = command("run", *tiny, *more, "--executor", "inline", "--out", tmp_path / "run")
    assert ended.code == 0, ended.err
    made = [path.name.split("-")[:2] for path in tmp_path.rglob("noise-*") if path.is_dir()]
    assert made.count(["noise", "teacher"]) == made.count(["noise", "features"]) == 1
    by_cell = {}
    for record in RunFolder(tmp_path / "run").read().records.values():
        by_cell.setdefault((record.noise, record.seed), set()).add(record.manifest.fingerprint)
        rate = record.manifest.realised_rate
        assert record.manifest.requested_rate == (None if record.noise == "keywords()" else 0.3)
        assert rate > 0, record.noise
        assert record.noise == "keywords()" or abs(rate - 0.3) < 0.1, json.dumps([record.noise, rate])
    assert len(by_cell) == 6
    assert all(len(prints) == 1 for prints in by_cell.values())
