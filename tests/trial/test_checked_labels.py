"""Checked labels of some test rows choose and measure, and no method sees them."""

import csv

import numpy as np
import pytest

from benchmark.contracts import method_from, noise_from
from benchmark.corpora import catalogue, load_card, load_corpus
from benchmark.corpora.own import OwnData, add_own_data
from benchmark.noisy_labels.inject import inject_noise
from benchmark.trial.evaluation import EvaluationSplits, Evaluator
from benchmark.trial.inputs import TrialInputs
from benchmark.trial.view import noisy_view
from tests.support.points import TEST, VALID, FakeKit, point

KINDS = ("delivery", "refund")
ROWS = 90
CHECKED = 30


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


OWN_TABLE = "text,label\nnone of these,refund\nnor these,delivery\n"
TABLE = "text,label,checked\n" + "".join(f"a {KINDS[i % 2]} {i},{KINDS[i % 2]},\n" for i in range(9))
"""Test rows in a file of their own, which two readers read."""


def corpus_of(folder, checked, tested=""):
    """Tickets of which the first rows are checked, with a file of test rows or none."""
    folder.mkdir()
    path = folder / "tickets.csv"
    cells = [*checked, *[""] * (ROWS - len(checked))]
    rows = [(f"about {KINDS[i % 2]} {i}", KINDS[(i + (i % 6 == 0)) % 2], cells[i]) for i in range(ROWS)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label", "checked"), *rows])
    test = folder / "test.csv"
    test.write_text(tested)
    catalogue._own.clear()
    return load_corpus(add_own_data(OwnData(path, ("text",), "label", "checked", test=test if tested else None)))


def view_of(corpus, method="cross_entropy"):
    noisy = inject_noise(corpus, noise_from("observed(given)"), seed=0)
    return noisy_view(method_from(method), TrialInputs(corpus, noisy, None, None, None, None))


RIGHT = [KINDS[i % 2] for i in range(CHECKED)]
TURNED = [KINDS[name == KINDS[0]] for name in RIGHT]


@pytest.mark.parametrize(("tested", "reader"), [("", "table"), (TABLE, "table"), (OWN_TABLE, "own_table")])
def test_what_a_method_sees_is_the_same_to_the_bit_whatever_the_checked_labels_say(tmp_path, tested, reader):
    both = corpus_of(tmp_path / "one", RIGHT, tested), corpus_of(tmp_path / "other", TURNED, tested)
    assert load_card("tickets").sources[0].reader == reader
    assert {len(split.checked_rows) for corpus in both for split in corpus.splits.values()} == {0, CHECKED}
    one, other = map(view_of, both)
    assert one.train.texts == other.train.texts
    assert one.valid.texts == other.valid.texts
    assert one.train.noisy_labels.tobytes() == other.train.noisy_labels.tobytes()
    assert one.valid.noisy_labels.tobytes() == other.valid.noisy_labels.tobytes()
    assert one.declared_inputs == other.declared_inputs == {}
    assert one.num_classes == other.num_classes


def test_checked_rows_are_test_rows_and_keep_their_noisy_label(tmp_path):
    corpus = corpus_of(tmp_path / "one", RIGHT)
    test = corpus.splits["test"]
    assert len(test.checked_rows) == CHECKED
    assert len(test) > CHECKED
    assert corpus.splits["train"].clean_labels.max() == -1
    wrong = test.observed["given"][test.checked_rows] != test.clean_labels[test.checked_rows]
    assert wrong.sum() == CHECKED / 6


def test_a_row_with_the_text_of_a_checked_one_is_a_test_row_too(tmp_path):
    path = tmp_path / "tickets.csv"
    texts = [f"text {i}" for i in range(60)] + ["text 0"]
    cells = ["delivery", *[""] * 60]
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = zip(texts, [KINDS[i % 2] for i in range(61)], cells, strict=True)
        csv.writer(stream).writerows([("text", "label", "checked"), *rows])
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), "label", "checked")))
    assert corpus.splits["test"].texts.count("text 0") == 2
    assert "text 0" not in corpus.splits["train"].texts


def evaluated(checked):
    watched = EvaluationSplits(
        "valid", "test", noisy_valid=VALID, clean_valid=None, clean_test=None, noisy_test=1 - TEST, checked_test=checked
    )
    evaluator = Evaluator(FakeKit(), watched, every_test=True)
    evaluator.follow(iter([point(0.5, valid=4, test=1), point(1.0, valid=1, test=6)]))
    return evaluator


def test_checked_rows_are_scored_by_their_clean_labels_at_every_selected_point():
    checked = np.where(np.arange(6) % 2 == 0, TEST, -1)
    found = evaluated(checked).selections
    assert found["last"].metrics["checked_accuracy"] == 1.0
    assert found["last"].metrics["noisy_test_accuracy"] == 0.0
    assert found["last"].checked.rows == 3
    assert found["noisy_valid"].metrics["checked_accuracy"] == pytest.approx(1 / 3)


def test_checked_labels_choose_no_point():
    chosen = [evaluated(checked).selections for checked in (TEST, 1 - TEST, None)]
    assert len({tuple(sorted((rule, it.fraction) for rule, it in found.items())) for found in chosen}) == 1


def test_without_checked_rows_the_record_has_no_field_of_them():
    found = evaluated(None).selections["last"]
    assert found.checked is None
    assert not [name for name in found.metrics if name.startswith("checked")]
