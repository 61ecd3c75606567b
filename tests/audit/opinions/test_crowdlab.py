"""Consensus and quality of annotators, against numbers of cleanlab 2.9.0 and on made
crowds.
"""

import csv
import io

import numpy as np
import pytest

from benchmark.audit.audit import audit_table
from benchmark.audit.opinions.crowdlab import _majority, _Votes, crowdlab
from benchmark.audit.output.page import page
from benchmark.audit.output.writing import write_audit
from benchmark.audit.reading import make_table

VOTES = np.array(
    [
        [2, -1, 2, -1],
        [2, 1, -1, 1],
        [2, 1, -1, 1],
        [0, 0, -1, 0],
        [0, 0, -1, 0],
        [2, 0, -1, -1],
        [0, 0, -1, 2],
        [-1, 0, -1, 0],
        [1, -1, 0, -1],
        [2, 2, 2, -1],
        [1, -1, -1, -1],
        [2, 2, -1, -1],
    ]
)
BELIEVED = np.array(
    [
        [0.34, 0.16, 0.5],
        [0.29, 0.62, 0.09],
        [0.4, 0.54, 0.06],
        [0.51, 0.42, 0.07],
        [0.75, 0.19, 0.06],
        [0.7, 0.16, 0.14],
        [0.69, 0.31, 0],
        [0.67, 0.1, 0.23],
        [0.46, 0.51, 0.03],
        [0.12, 0.31, 0.57],
        [0.26, 0.46, 0.28],
        [0.03, 0.4, 0.57],
    ]
)
LABELS = [2, 1, 1, 0, 0, 0, 0, 0, 0, 2, 1, 2]
QUALITY = [
    0.5896014718,
    0.6736877656,
    0.6211710645,
    0.615873163,
    0.7734232662,
    0.7153483761,
    0.6572578129,
    0.7189421851,
    0.5451115519,
    0.6742537355,
    0.4704841841,
    0.6360311013,
]


def ask(votes=VOTES, believed=BELIEVED, num_classes=3):
    return crowdlab(votes, np.array(votes).max(axis=1), num_classes, lambda rows: believed[rows])


def test_consensus_labels_and_their_quality_are_those_of_the_authors():
    found = ask()
    assert found.labels.tolist() == LABELS
    np.testing.assert_allclose(found.quality, QUALITY, atol=1e-9)


def test_annotators_and_weights_are_those_of_the_authors():
    found = ask()
    expected = [0.514552335, 0.789039596, 0.7413247844, 0.6716502411]
    np.testing.assert_allclose(found.annotator_quality, expected, atol=1e-9)
    np.testing.assert_allclose(found.agreement, [0.6363636364, 1.0, 1.0, 0.8333333333], atol=1e-9)
    np.testing.assert_allclose(found.weight, [0.0375, 0.41333333, 0.45, 0.2], atol=1e-8)
    assert found.model_weight == pytest.approx(1.243650540411842)
    assert found.worst.tolist() == [2, 0, 2, 2]


@pytest.mark.parametrize("likelier", [0, 1])
def test_where_votes_tie_the_classifier_chooses(likelier):
    """One row has a vote for either class, in which no annotator is the better one."""
    votes = np.array([[0, 1], [0, 0], [1, 1]])
    believed = np.full((3, 2), 0.5)
    believed[0] = [0.4, 0.6] if likelier else [0.6, 0.4]
    every = _Votes(*np.nonzero(votes >= 0), votes.ravel(), np.full(3, 2), 2, 2)
    _, majority = _majority(every, lambda rows: believed[rows])
    assert majority.tolist() == [likelier, 0, 1]


def test_a_row_without_a_vote_has_no_consensus_and_changes_nothing():
    votes, believed = np.vstack([VOTES, [-1, -1, -1, -1]]), np.vstack([BELIEVED, [1.0, 0.0, 0.0]])
    found = ask(votes, believed)
    assert found.labels[-1] == -1
    assert np.isnan(found.quality[-1])
    np.testing.assert_allclose(found.quality[:-1], QUALITY, atol=1e-9)


def test_an_annotator_who_never_voted_has_no_quality_and_changes_nothing():
    found = ask(np.column_stack([VOTES, np.full(12, -1)]))
    assert np.isnan(found.annotator_quality[4])
    assert found.worst[4] == -1
    np.testing.assert_allclose(found.quality, QUALITY, atol=1e-9)


def test_votes_that_never_meet_on_a_row_tell_nothing():
    assert ask(np.array([[0, -1], [-1, 1], [2, -1]]), BELIEVED[:3]) is None


def crowd(skill, seed=0):
    """Two classes, features that tell nothing, five annotators of whom one guesses."""
    draws = np.random.default_rng(seed)
    true = draws.integers(2, size=300)
    right = draws.random((300, 5)) < np.array([*[skill] * 4, 0.5])
    votes = np.where(right, true[:, None], 1 - true[:, None])
    votes[draws.random((300, 5)) < 0.3] = -1
    votes[(votes < 0).all(axis=1), 0] = 0
    names = [["ab"[vote] if vote >= 0 else "" for vote in row] for row in votes]
    table = make_table("t", [f"text {row}" for row in range(300)], names, annotators=("u", "v", "w", "x", "guesser"))
    return table, audit_table(table, draws.normal(size=(300, 8)).astype(np.float32)), true


@pytest.fixture(scope="module")
def good_crowd():
    return crowd(0.85)


def test_where_votes_tell_more_than_texts_they_decide(good_crowd):
    table, audit, true = good_crowd
    assert audit.consensus.is_telling
    assert (audit.corrected() == audit.consensus.labels).mean() > 0.99
    assert (audit.corrected() == true).mean() > (table.labels == true).mean()


def test_where_votes_decide_the_count_is_said_to_be_unreliable(good_crowd):
    table, audit, true = good_crowd
    assert not audit.count.reliable
    assert audit.count.lowest <= (table.labels != true).mean() <= audit.count.highest


def test_where_annotators_guess_the_order_is_that_of_texts():
    assert not crowd(0.5)[1].consensus.is_telling


def test_annotators_are_written_the_worst_first_and_the_consensus_beside_each_row(good_crowd, tmp_path):
    _, audit, _ = good_crowd
    write_audit(audit, tmp_path)
    read = {name: list(csv.DictReader(io.StringIO((tmp_path / name).read_text()))) for name in FILES}
    assert read["annotators.csv"][0]["annotator"] == "guesser"
    assert len(read["annotators.csv"]) == 5
    first = read["labels.csv"][0]
    assert first["consensus_label"] == audit.table.label_names[audit.consensus.labels[0]]
    assert float(first["consensus_quality"]) == pytest.approx(audit.consensus.quality[0], abs=1e-4)


FILES = ("annotators.csv", "labels.csv")


def test_the_page_shows_the_annotators(good_crowd):
    assert "guesser" in page(good_crowd[1])
