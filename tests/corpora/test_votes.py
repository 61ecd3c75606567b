import numpy as np

from benchmark.corpora.votes import majority


def test_most_votes_win_and_no_vote_is_no_label():
    votes = np.array([[2, 2, 0, -1], [-1, -1, -1, -1], [1, -1, -1, -1]])
    assert majority(votes, ["a", "b", "c"], 3).tolist() == [2, -1, 1]


def test_draws_fall_evenly_among_the_tied_classes_only():
    votes = np.tile([0, 2, 3, 3, 2, 1], (3000, 1))
    counts = np.bincount(majority(votes, [str(i) for i in range(3000)], 4), minlength=4)
    assert counts[0] == counts[1] == 0
    assert abs(counts[2] - 1500) < 150


def test_draws_depend_on_the_id_alone():
    ids = [str(i) for i in range(200)]
    votes = np.tile([0, 1], (200, 1))
    labels = majority(votes, ids, 2)
    order = np.random.default_rng(0).permutation(200)[:120]
    assert majority(votes[order], [ids[i] for i in order], 2).tolist() == labels[order].tolist()
