"""Labels that were given as probabilities."""

import csv

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from benchmark.audit.audit import audit_table
from benchmark.audit.opinions.posterior import against_shares, with_confusion
from benchmark.audit.opinions.soft import contradiction, with_soft_confusion
from benchmark.audit.reading import make_table, read_labelled
from benchmark.corpora.own import OwnData

DRAWS = np.random.default_rng(0)
ROWS = 240
TRUE = DRAWS.integers(3, size=ROWS)
LABELS = np.where(DRAWS.random(ROWS) < 0.2, (TRUE + 1) % 3, TRUE)
BELIEVED = DRAWS.dirichlet(np.ones(3), size=ROWS) + 2 * np.eye(3)[TRUE]
BELIEVED /= BELIEVED.sum(axis=1, keepdims=True)


def logs(rows):
    return np.log(BELIEVED[rows])


def soft_labels():
    """A half of the wrong labels and of the right ones is given with doubt, but wrong
    ones with more.
    """
    sure = np.where(LABELS == TRUE, DRAWS.uniform(0.7, 1, ROWS), DRAWS.uniform(0.5, 0.8, ROWS))
    return (sure[:, None] * np.eye(3)[LABELS] + ((1 - sure) / 2)[:, None] * (1 - np.eye(3)[LABELS])).astype(np.float32)


def test_a_label_that_has_all_probability_is_weighed_as_a_name():
    believed = against_shares(logs, LABELS, 3, 0.5)
    hard = with_confusion(believed, LABELS, 3, 5)
    soft = with_soft_confusion(believed, np.eye(3, dtype=np.float32)[LABELS], 5)
    np.testing.assert_allclose(soft.probabilities, hard.probabilities, rtol=1e-5)


def test_a_doubted_label_is_likelier_wrong_than_one_that_was_sure():
    believed = against_shares(logs, LABELS, 3, 0.5)
    given = np.eye(3, dtype=np.float32)[LABELS]
    given[0] = 0.1 + 0.7 * given[0]
    of_given = with_soft_confusion(believed, given, 5).of_given
    sure = with_confusion(believed, LABELS, 3, 5).of_given
    assert of_given[0] < sure[0]
    np.testing.assert_allclose(of_given[1:], sure[1:], atol=0.02)


def test_the_contradiction_is_the_probability_on_other_classes():
    given = np.array([[1, 0, 0], [0.2, 0.8, 0]], dtype=np.float32)
    found = contradiction(given, lambda rows: np.log(np.array([[0.3, 0.6, 0.1], [0.2, 0.8, 1e-9]])[rows]))
    np.testing.assert_allclose(found, [0.7, 0.0], atol=1e-6)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("soft") / "soft.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "p_a", "p_b", "p_c", "p_never"])
        writer.writerows([f"text {row}", *map(str, given), "0"] for row, given in enumerate(soft_labels().tolist()))
    return path


def test_a_file_of_probabilities_keeps_them(written):
    table = read_labelled(OwnData(written, ("text",), ("p_a", "p_b", "p_c", "p_never")))
    assert table.label_names == ("a", "b", "c")
    np.testing.assert_allclose(table.soft.sum(axis=1), 1.0, atol=1e-5)
    assert (table.soft.argmax(axis=1) == table.labels).all()
    assert table.votes_of(0).startswith("abc"[int(table.labels[0])])
    assert any("`audit` weighs" in remark for remark in table.remarks)


def test_an_audit_of_probabilities_finds_more_than_one_of_their_most_probable_classes(written):
    table = read_labelled(OwnData(written, ("text",), ("p_a", "p_b", "p_c", "p_never")))
    features = (1.0 * np.eye(3, 8)[TRUE] + np.random.default_rng(1).normal(size=(ROWS, 8))).astype(np.float32)
    plain = make_table("plain", table.texts, [[table.label_names[label]] for label in table.labels])
    wrong = LABELS != TRUE
    soft, hard = (average_precision_score(wrong, audit_table(it, features).p_wrong) for it in (table, plain))
    assert soft > hard + 0.03


def test_the_files_of_an_audit_say_how_far_a_row_is_contradicted(command, written, tmp_path):
    columns = [part for name in ("p_a", "p_b", "p_c") for part in ("--label-column", name)]
    ended = command("audit", written, "--text-column", "text", *columns, "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert "contradict" in ended.out
    for name in ("suspects.csv", "labels.csv"):
        with (tmp_path / "out" / name).open(encoding="utf-8-sig", newline="") as stream:
            values = [float(row["contradiction"]) for row in csv.DictReader(stream)]
        assert len(values) >= 100
        assert 0 <= min(values) < max(values) <= 1
