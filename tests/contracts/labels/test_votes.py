import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, UnknownNameError, noise_from
from benchmark.contracts.labels.votes import agreeing, majority, one_vote, shares, untied

VOTES = np.array(
    [
        [2, 2, 0, -1],  # a majority
        [-1, -1, -1, -1],  # silence
        [1, -1, -1, -1],  # one voter
        [0, 2, -1, -1],  # a draw of two
        [3, 1, 1, 3],  # a draw of two pairs
        [1, 1, 1, -1],  # agreement
    ]
)
IDS = [f"row {i}" for i in range(len(VOTES))]


def inputs(votes=VOTES, ids=IDS, classes=4, seed=0, **more):
    model = noise_from("observed(weak)")
    draws = Draws(("corpus", model.stream_name(), seed), "train", ids)
    observed = {"weak": majority(votes, ids, classes), "one": np.zeros(len(votes), dtype=np.int64)}
    clean = np.zeros(len(votes), dtype=np.int64)
    return NoiseInputs(
        clean, classes, draws, observed=observed, votes={"weak": votes}, train_votes={"weak": votes}, **more
    )


def labels(spec, **more):
    return noise_from(spec).corrupt(inputs(**more)).tolist()


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("observed(weak,ties=lowest)", [2, -1, 1, 0, 1, 1]),
        ("observed(weak,ties=highest)", [2, -1, 1, 2, 3, 1]),
        ("observed(weak,votes=untied)", [2, -1, 1, -1, -1, 1]),
        ("observed(weak,votes=agreeing)", [-1, -1, 1, -1, -1, 1]),
    ],
)
def test_each_choice_by_hand(spec, expected):
    assert labels(spec) == expected


def test_the_default_is_the_cards_own_labels_and_majority_by_hash_is_the_same():
    assert labels("observed(weak)") == labels("observed(weak,votes=majority)") == majority(VOTES, IDS, 4).tolist()
    assert labels("observed(weak,ties=hash_of_id)") == labels("observed(weak)")


def test_draws_fall_evenly_among_the_tied_classes_only():
    votes = np.tile([0, 2, 3, 3, 2, 1], (3000, 1))
    counts = np.bincount(majority(votes, [str(i) for i in range(3000)], 4), minlength=4)
    assert counts[0] == counts[1] == 0
    assert abs(counts[2] - 1500) < 150


def test_draws_depend_on_the_id_alone():
    ids = [str(i) for i in range(200)]
    votes = np.tile([0, 1], (200, 1))
    found = majority(votes, ids, 2)
    order = np.random.default_rng(0).permutation(200)[:120]
    assert majority(votes[order], [ids[i] for i in order], 2).tolist() == found[order].tolist()


def test_shares_are_the_law_of_the_drawn_majority():
    law = shares(VOTES, 4)
    assert law[0].tolist() == [0, 0, 1, 0]
    assert law[1].tolist() == [0, 0, 0, 0]
    assert law[3].tolist() == [0.5, 0, 0.5, 0]
    assert law[4].tolist() == [0, 0.5, 0, 0.5]
    ids = [str(i) for i in range(4000)]
    drawn = np.bincount(majority(np.tile(VOTES[3], (4000, 1)), ids, 4), minlength=4) / 4000
    assert np.abs(drawn - law[3]).max() < 0.03


def test_a_random_vote_is_each_vote_equally_often_and_changes_with_the_seed():
    votes, ids = np.tile([0, 2, 2, -1], (4000, 1)), [str(i) for i in range(4000)]
    one, other = (noise_from("observed(weak,votes=random)").corrupt(inputs(votes, ids, seed=seed)) for seed in (0, 1))
    assert abs((one == 2).mean() - 2 / 3) < 0.03
    assert set(one.tolist()) == {0, 2}
    assert 0.3 < (one != other).mean() < 0.6
    assert one_vote(np.full((2, 3), -1), np.array([0.0, 0.99])).tolist() == [-1, -1]


def test_silent_rows_get_every_class_equally_often_where_asked_and_the_others_stay():
    votes = np.full((4000, 2), -1)
    votes[:100] = 1
    found = noise_from("observed(weak,abstain=random)").corrupt(inputs(votes, [str(i) for i in range(4000)]))
    assert (found[:100] == 1).all()
    assert np.abs(np.bincount(found[100:], minlength=4) / 3900 - 0.25).max() < 0.03
    kept = noise_from("observed(weak,votes=untied,abstain=keep)")
    assert kept.keeps_unlabelled
    assert not noise_from("observed(weak)").keeps_unlabelled
    assert kept.corrupt(inputs()).tolist() == labels("observed(weak,votes=untied)")


def test_rows_that_are_untied_hold_those_that_agree():
    rng = np.random.default_rng(0)
    votes = rng.integers(-1, 5, size=(500, 6))
    both = agreeing(votes, 5)
    assert ((both == untied(votes, 5)) | (both == -1)).all()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("observed(weak,votes=untide)", r"'untide'\. Did you mean 'untied'"),
        ("observed(weak,tie=lowest)", r"'tie'\. Did you mean 'ties'"),
        ("observed(weak,votes=untied,ties=lowest)", r"ties are decided by the majority"),
        ("observed(weka,ties=lowest)", r"Did you mean 'weak'"),
        ("observed(one,votes=untied)", r"source 'one' gives one label a row.*weak"),
    ],
)
def test_what_cannot_be_chosen_is_named(spec, message):
    with pytest.raises((BenchmarkError, UnknownNameError), match=message):
        labels(spec)


def test_the_name_says_the_choice_and_reads_back():
    for spec in ("observed(weak)", "observed(weak,ties=highest)", "observed(weak,votes=dawid_skene,abstain=random)"):
        assert str(noise_from(spec)) == spec
        assert noise_from(str(noise_from(spec))) == noise_from(spec)
    assert noise_from("observed(weak,ties=highest)").kind != noise_from("observed(weak)").kind
