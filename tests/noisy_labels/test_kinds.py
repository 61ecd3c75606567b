"""Measures of the kind of noise, on labels whose kind is known."""

import numpy as np
import pytest

from benchmark.corpora import Corpus, Split, load_card
from benchmark.noisy_labels.kinds import asymmetry, kinds_of, krippendorff_alpha, out_of_fold, roc_area

CLEAN = np.repeat([0, 1], 50)
TEXTS = tuple(f"{'rain storm' if label else 'sun beach'} {number}" for number, label in enumerate(CLEAN.tolist()))
VOTES = """
1 2 3 3 2 1 4 1 2 0 0 0
1 2 3 3 2 2 4 1 2 5 0 3
0 3 3 3 2 3 4 2 2 5 1 0
1 2 3 3 2 4 4 1 2 5 1 0
"""


def flipped(rows):
    labels = CLEAN.copy()
    labels[rows] = 1 - labels[rows]
    return labels


@pytest.mark.parametrize(
    ("rows", "share"), [([0, 1, 50, 51], 0.0), ([0, 1], 1.0), ([50], 1.0), ([0, 1, 2, 50], 0.6325), ([], None)]
)
def test_asymmetry_is_that_of_errors_without_an_opposite_one(rows, share):
    found = asymmetry(CLEAN, flipped(rows), 2)
    assert found == (share if share is None else pytest.approx(share, abs=1e-4))


def test_asymmetry_is_that_of_rates_whatever_the_sizes_of_the_classes():
    clean = np.repeat([0, 1], [10, 90])
    noisy = np.where(np.arange(100) % 10 == 0, 1 - clean, clean)
    assert asymmetry(clean, noisy, 2) == pytest.approx(0.0)


def test_absent_labels_have_no_part_in_asymmetry():
    labels = flipped([0, 50])
    labels[50] = -1
    assert asymmetry(CLEAN, labels, 2) == pytest.approx(1.0)


def test_alpha_is_that_of_the_published_example():
    votes = np.array([row.split() for row in VOTES.split("\n") if row], dtype=np.int64).T - 1
    assert krippendorff_alpha(votes, 5) == pytest.approx(0.743, abs=5e-4)


@pytest.mark.parametrize("votes", [[[0, -1], [1, -1]], [[0, 0], [0, 0]]])
def test_alpha_is_absent_where_nothing_can_agree_by_chance(votes):
    assert krippendorff_alpha(np.array(votes), 2) is None


def test_a_text_is_predicted_by_other_texts_alone():
    found = out_of_fold([*TEXTS, *["odd"] * 40], np.append(CLEAN, np.ones(40, dtype=np.int64)), 2)
    assert (found[:100].argmax(axis=1) == CLEAN).all()
    assert len({tuple(row) for row in found[100:].tolist()}) == 1
    assert found[100, 1] < 0.75  # as likely as a text without a known word


def test_predictions_do_not_depend_on_a_class_that_no_text_has():
    two, three = out_of_fold(TEXTS, CLEAN, 2), out_of_fold(TEXTS, CLEAN, 3)
    assert three[:, :2] == pytest.approx(two)
    assert three[:, 2].max() == 0


def test_one_class_is_predicted_by_chance():
    assert (out_of_fold(TEXTS, np.zeros(100, dtype=np.int64), 2) == 0.5).all()


def test_the_area_is_one_where_every_wrong_label_is_less_probable():
    probabilities = np.eye(2)[CLEAN]
    assert roc_area(probabilities, CLEAN, flipped(range(10))) == 1.0
    assert roc_area(1 - probabilities, CLEAN, flipped(range(10))) == 0.0


@pytest.mark.parametrize("rows", [range(9), range(100)])
def test_the_area_is_absent_with_few_wrong_labels_or_no_right_one(rows):
    assert roc_area(np.eye(2)[CLEAN], CLEAN, flipped(rows)) is None


def test_a_corpus_with_trusted_labels_for_test_alone_is_measured_there():
    ids = tuple(map(str, range(100)))
    splits = {
        "train": Split(ids, TEXTS, np.full(100, -1), {"crowd": CLEAN}),
        "test": Split(ids, TEXTS, CLEAN, {"crowd": flipped(range(20))}),
    }
    (found,) = kinds_of(load_card("disaster_tweets"), Corpus("made", ("calm", "storm"), splits))
    assert (found.split, found.rows, found.rate) == ("test", 100, 0.2)
    assert (found.worst, found.worst_rate, found.best, found.best_rate) == ("calm", 0.4, "storm", 0.0)
    assert found.roc_area == 1.0


def test_a_corpus_without_any_trusted_label_has_no_kind_of_noise():
    train = Split(tuple(map(str, range(100))), TEXTS, np.full(100, -1), {"crowd": CLEAN})
    made = Corpus("made", ("calm", "storm"), {"train": train, "test": train})
    assert list(kinds_of(load_card("disaster_tweets"), made)) == []
