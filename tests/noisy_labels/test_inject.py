import dataclasses
import logging
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.contracts import BenchmarkError, NoiseModel, UnknownNameError, noise_from
from benchmark.corpora import Split
from benchmark.noisy_labels.features import arrays_for, features_for
from benchmark.noisy_labels.inject import inject_noise, labels_fingerprint
from tests.support.toy_corpora import CLASSES, corpus_of, corpus_with, split_of

RATED = ["symmetric", "asymmetric", "instance", "instance_token_ids", "pmd", "seal"]
ALL = ["clean()", "observed(weak)", "keywords()", *(f"{name}(0.4)" for name in RATED)]


def by_id(noisy):
    return dict(zip(noisy.train.ids, noisy.train_labels.tolist(), strict=True)) | dict(
        zip(noisy.valid.ids, noisy.valid_labels.tolist(), strict=True)
    )


@pytest.mark.parametrize("valid", [80, 0])
@pytest.mark.parametrize("text", ALL)
def test_labels_are_aligned_with_their_splits_and_nothing_of_the_corpus_changes(text, valid):
    corpus = corpus_of(valid=valid)
    before = corpus.fingerprint()
    noisy = inject_noise(corpus, noise_from(text), seed=1)
    assert corpus.fingerprint() == before
    assert noisy.test is corpus.splits["test"]
    for split, labels in ((noisy.train, noisy.train_labels), (noisy.valid, noisy.valid_labels)):
        assert len(split) == len(split.ids) == len(split.clean_labels) == len(labels) > 0
        assert labels.dtype == np.int64
        assert labels.min() >= 0
        assert labels.max() < CLASSES
    assert noisy.valid_source == ("valid" if valid else "train")
    assert noisy.train.ids == tuple(corpus.splits["train"].ids[row] for row in noisy.train_rows)
    assert noisy.valid.ids == tuple(corpus.splits[noisy.valid_source].ids[row] for row in noisy.valid_rows)


@pytest.mark.parametrize("text", ALL)
def test_the_manifest_states_the_class_shares_of_the_noisy_training_labels(text):
    noisy = inject_noise(corpus_of(valid=0), noise_from(text), seed=1)
    counts = np.bincount(noisy.train_labels, minlength=CLASSES)
    assert np.allclose(noisy.manifest.class_shares, counts / counts.sum())


def test_the_manifest_names_the_classes():
    corpus = corpus_of(valid=0)
    assert inject_noise(corpus, noise_from("symmetric(0.4)"), seed=1).manifest.label_names == list(corpus.label_names)


@pytest.mark.parametrize("text", ALL)
def test_the_manifest_states_what_happened_to_the_final_training_rows(text):
    noisy = inject_noise(corpus_of(valid=0), noise_from(text), seed=1)
    manifest, wrong = noisy.manifest, noisy.train_labels != noisy.train.clean_labels
    assert (manifest.train_rows, manifest.valid_rows, manifest.test_rows) == (len(noisy.train), len(noisy.valid), 60)
    assert manifest.realised_rate == wrong.mean()
    assert manifest.noise == text
    assert manifest.realised_valid_rate == (noisy.valid_labels != noisy.valid.clean_labels).mean()
    assert manifest.requested_rate == (0.4 if "0.4" in text else None)
    assert np.allclose(np.sum(manifest.transition_matrix, axis=1), 1)
    for k in range(CLASSES):
        members = noisy.train.clean_labels == k
        assert np.isclose(manifest.rate_by_class[k], wrong[members].mean())
        shares = np.bincount(noisy.train_labels[members], minlength=CLASSES) / members.sum()
        assert np.allclose(manifest.transition_matrix[k], shares)
    law = noise_from(text).transition_matrix(CLASSES)
    assert manifest.requested_matrix == (None if law is None else law.tolist())


@pytest.mark.parametrize("name", RATED)
@settings(max_examples=20, deadline=None)
@given(rate=st.floats(0.0, 0.7), seed=st.integers(0, 5))
def test_the_realised_rate_is_within_one_sample_of_the_requested_one(name, rate, seed):
    corpus = corpus_of()
    model = dataclasses.replace(noise_from(f"{name}(0.4)"), rate=rate)
    rows = {"train": np.eye(400, 5), "valid": np.eye(80, 5)}
    teacher = {name: np.tile([0.4, 0.3, 0.2, 0.1], (len(part), 1)) for name, part in rows.items()}
    manifest = inject_noise(corpus, model, seed, {"features": rows, "teacher": teacher, "token_ids": rows}).manifest
    assert abs(manifest.realised_rate - rate) * 400 <= 1
    assert abs(manifest.realised_valid_rate - rate) * 80 <= 1


@pytest.mark.parametrize("name", RATED)
@pytest.mark.parametrize("valid", [80, 0])
def test_wrong_labels_at_two_tenths_stay_wrong_in_the_same_way_at_four_tenths(name, valid):
    corpus = corpus_of(valid=valid)
    clean = {i: int(k) for split in corpus.splits.values() for i, k in zip(split.ids, split.clean_labels, strict=True)}
    lower, higher = (by_id(inject_noise(corpus, noise_from(f"{name}({rate})"), seed=1)) for rate in (0.2, 0.4))
    wrong = {i: label for i, label in lower.items() if label != clean[i]}
    assert wrong
    assert all(higher[i] == label for i, label in wrong.items())


def test_the_order_of_rows_changes_no_label_and_no_split():
    corpus = corpus_of(valid=0)
    moved = np.random.default_rng(4).permutation(400)
    shuffled = dataclasses.replace(corpus, splits={**corpus.splits, "train": corpus.splits["train"].rows(moved)})
    for text in ALL:
        noisy, again = (inject_noise(part, noise_from(text), seed=1) for part in (corpus, shuffled))
        assert by_id(noisy) == by_id(again)
        assert set(noisy.valid.ids) == set(again.valid.ids)


def test_training_and_validation_have_their_own_draws():
    train = split_of("same", 300)
    corpus = corpus_with(train=train, valid=train, test=train)
    noisy = inject_noise(corpus, noise_from("symmetric(0.4)"), seed=1)
    assert (noisy.train_labels != noisy.valid_labels).any()


def test_validation_is_carved_by_hash_of_the_id_and_stratified_by_noisy_label():
    noisy = inject_noise(corpus_of(train=1000, valid=0), noise_from("asymmetric(0.4)"), seed=1)
    assert len(noisy.valid) == 100
    assert not set(noisy.valid.ids) & set(noisy.train.ids)
    counts = np.bincount(np.concatenate([noisy.train_labels, noisy.valid_labels]), minlength=CLASSES)
    assert np.abs(np.bincount(noisy.valid_labels, minlength=CLASSES) - 0.1 * counts).max() <= 1
    assert (np.diff(noisy.valid_rows) > 0).all()
    assert (np.diff(noisy.train_rows) > 0).all()
    clean = inject_noise(corpus_of(train=1000, valid=0), noise_from("clean()"), seed=7)
    assert clean.valid.ids == inject_noise(corpus_of(train=1000, valid=0), noise_from("clean()"), seed=8).valid.ids


def test_a_small_class_gives_its_share_to_validation_as_a_large_one_does():
    """Of seven texts a tenth is nearer to one than to none."""
    clean = np.repeat(np.arange(CLASSES), [7] * (CLASSES - 1) + [93])
    ids = tuple(f"t{row}" for row in range(len(clean)))
    train = Split(ids, tuple(f"text {row}" for row in ids), clean, {})
    noisy = inject_noise(corpus_with(train=train, test=split_of("test", 20)), noise_from("clean()"), seed=1)
    counts = np.bincount(noisy.valid_labels, minlength=CLASSES)
    assert counts[:-1].tolist() == [1] * (CLASSES - 1)


def test_a_tiny_corpus_still_gets_a_validation_text():
    noisy = inject_noise(corpus_of(train=8, valid=0), noise_from("clean()"), seed=1)
    assert (len(noisy.train), len(noisy.valid)) == (7, 1)
    with pytest.raises(BenchmarkError, match="too few"):
        inject_noise(corpus_of(train=1, valid=0), noise_from("clean()"), seed=1)


def test_rows_without_a_label_are_dropped_from_training_and_validation_but_not_from_test():
    corpus = corpus_of()
    noisy = inject_noise(corpus, noise_from("observed(weak)"), seed=1)
    gaps = [int((corpus.splits[name].observed["weak"] == -1).sum()) for name in ("train", "valid")]
    assert min(gaps) > 0
    assert [len(noisy.train), len(noisy.valid), len(noisy.test)] == [400 - gaps[0], 80 - gaps[1], 60]
    assert noisy.manifest.unlabelled_rows == gaps[0]
    assert (noisy.train.observed["weak"] == noisy.train_labels).all()


def test_validation_that_a_source_did_not_label_is_carved_from_training():
    noisy = inject_noise(corpus_of(weak_valid=False), noise_from("observed(weak)"), seed=1)
    assert noisy.valid_source == "train"
    assert all(i.startswith("train") for i in noisy.valid.ids)


def test_a_source_without_any_label_and_an_unknown_source_are_errors():
    train = dataclasses.replace(split_of("train", 20), observed={"weak": np.full(20, -1)})
    with pytest.raises(BenchmarkError, match="labels no training text"):
        inject_noise(corpus_with(train=train, test=train), noise_from("observed(weak)"), seed=1)
    with pytest.raises(UnknownNameError, match="Did you mean 'weak'"):
        inject_noise(corpus_of(), noise_from("observed(weka)"), seed=1)


def test_an_absent_class_keeps_its_number_and_its_row_of_the_matrix():
    train = split_of("train", 200)
    present = train.rows(np.flatnonzero(train.clean_labels != 1))
    noisy = inject_noise(corpus_with(train=present, test=train), noise_from("asymmetric(0.2)"), seed=1)
    assert noisy.manifest.rate_by_class[1] is None
    assert noisy.manifest.transition_matrix[1] == [0, 1, 0, 0]
    assert set(np.unique(noisy.train_labels)) == {0, 1, 2, 3}
    assert noisy.manifest.num_classes == 4


def test_a_class_that_no_label_names_any_more_is_reported(caplog):
    train = split_of("train", 40)
    halved = dataclasses.replace(train, observed={"weak": train.clean_labels // 2})
    corpus = corpus_with(train=halved, test=train)
    with caplog.at_level(logging.WARNING):
        inject_noise(corpus, noise_from("observed(weak)"), seed=1)
    assert "labelled class 2, class 3" in caplog.text


def test_fingerprints_tell_labels_apart_and_equal_ones_agree():
    corpus = corpus_of()
    prints = [
        inject_noise(corpus, noise_from(text), seed).manifest.fingerprint
        for text, seed in (("symmetric(0.4)", 1), ("symmetric(0.4)", 1), ("symmetric(0.4)", 2), ("symmetric(0.2)", 1))
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
    assert all(len(p) == 16 for p in prints)


@pytest.mark.parametrize("text", [f"{name}(0.4)" for name in RATED if name != "seal"])
def test_another_corpus_of_the_same_ids_has_its_own_draws(text):
    corpus = corpus_of()
    other = dataclasses.replace(corpus, name="other")
    arrays = arrays_for(corpus, noise_from(text))
    noisy, elsewhere = (inject_noise(part, noise_from(text), 1, arrays) for part in (corpus, other))
    assert (noisy.train_labels != elsewhere.train_labels).any()
    assert (noisy.valid_labels != elsewhere.valid_labels).any()


CHANGED = {
    "a training label": lambda splits, labels: (splits, (next_class_first(labels[0]), labels[1])),
    "a validation label": lambda splits, labels: (splits, (labels[0], next_class_first(labels[1]))),
    "a training id": lambda splits, labels: ((renamed_first(splits[0]), splits[1]), labels),
    "a validation id": lambda splits, labels: ((splits[0], renamed_first(splits[1])), labels),
    "the order of the splits": lambda splits, labels: (splits[::-1], labels[::-1]),
}


def next_class_first(labels):
    return np.concatenate([(labels[:1] + 1) % CLASSES, labels[1:]])


def renamed_first(split):
    return dataclasses.replace(split, ids=("another", *split.ids[1:]))


@pytest.mark.parametrize("change", CHANGED)
def test_the_fingerprint_covers_ids_and_labels_of_training_and_validation(change):
    noisy = inject_noise(corpus_of(), noise_from("symmetric(0.4)"), seed=1)
    splits, labels = (noisy.train, noisy.valid), (noisy.train_labels, noisy.valid_labels)
    assert labels_fingerprint(splits, labels) == noisy.manifest.fingerprint
    assert labels_fingerprint(*CHANGED[change](splits, labels)) != noisy.manifest.fingerprint


def test_similar_classes_are_those_of_training_in_validation_too():
    corpus = corpus_of()
    noisy = inject_noise(corpus, noise_from("similar(0.3)"), seed=1)
    pairs = [
        set(zip(s.clean_labels[w], n[w], strict=True))
        for s, n in ((noisy.train, noisy.train_labels), (noisy.valid, noisy.valid_labels))
        for w in [s.clean_labels != n]
    ]
    assert len(pairs[0]) == CLASSES
    assert pairs[0] == pairs[1]


def test_features_given_are_those_that_are_computed():
    corpus = corpus_of()
    features = features_for(corpus)
    assert sorted(features) == ["train", "valid"]
    assert features["valid"].shape == (80, features["train"].shape[1])
    model = noise_from("instance(0.4)")
    assert inject_noise(corpus, model, 1, {"features": features}).manifest == inject_noise(corpus, model, 1).manifest
    assert sorted(features_for(corpus_of(valid=0))) == ["train"]


def test_features_that_lack_rows_or_a_split_are_an_error():
    features = features_for(corpus_of())
    with pytest.raises(BenchmarkError, match=r"\b80 valid"):
        inject_noise(corpus_of(), noise_from("instance(0.4)"), 1, {"features": {"train": features["train"]}})
    with pytest.raises(BenchmarkError, match="399 rows were given"):
        inject_noise(
            corpus_of(), noise_from("instance(0.4)"), 1, {"features": {**features, "train": features["train"][1:]}}
        )


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5])
def test_a_validation_share_outside_zero_to_one_is_an_error(fraction):
    with pytest.raises(BenchmarkError, match="valid_fraction"):
        inject_noise(corpus_of(), noise_from("clean()"), 1, valid_fraction=fraction)


@dataclasses.dataclass(frozen=True, repr=False)
class _Broken(NoiseModel):
    name = "broken"

    change: Callable[[np.ndarray], np.ndarray]

    def corrupt(self, inputs):
        return self.change(inputs.clean_labels)

    def stream_name(self):
        return "broken"

    def __str__(self):
        return "broken()"


def test_a_model_that_returns_other_than_labels_is_named():
    for change, message in (
        (lambda clean: clean + 1, "outside -1 to 3"),
        (lambda clean: clean[1:], "shape"),
        (lambda clean: clean * 0.5, "float64"),
    ):
        with pytest.raises(BenchmarkError, match=message):
            inject_noise(corpus_of(), _Broken(change), seed=1)


def test_a_model_cannot_write_into_the_clean_labels():
    with pytest.raises(ValueError, match="read-only"):
        inject_noise(corpus_of(), _Broken(lambda clean: clean.__iadd__(0)), seed=1)
