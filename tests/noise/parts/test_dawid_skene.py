import numpy as np

from benchmark.contracts import Draws, NoiseInputs, noise_from
from benchmark.contracts.labels.votes import majority
from noise._dawid_skene import LabelModel, dawid_skene, fit_dawid_skene


def test_the_posterior_by_hand():
    prior = np.array([0.6, 0.4])
    confusion = np.array([[[0.7, 0.1, 0.2], [0.2, 0.5, 0.3]], [[0.1, 0.1, 0.8], [0.1, 0.6, 0.3]]])
    posterior = LabelModel(prior, confusion).posterior(np.array([[0, -1], [1, 1]]))
    first = np.array([0.6 * 0.7 * 0.8, 0.4 * 0.2 * 0.3])
    second = np.array([0.6 * 0.1 * 0.1, 0.4 * 0.5 * 0.6])
    assert np.allclose(posterior, [first / first.sum(), second / second.sum()])


def test_one_step_by_hand():
    votes = np.array([[0, 0], [0, 1], [1, 1], [-1, -1]])
    model = fit_dawid_skene(votes, 2)
    assert np.allclose(model.confusion.sum(axis=2), 1)
    assert np.isclose(model.prior.sum(), 1)
    # By symmetry of the votes the drawn row stays at one half, and the classes are equally likely.
    assert np.allclose(model.prior, 0.5)
    assert np.allclose(model.posterior(votes)[1], 0.5)
    # Class 0 has row 0 whole and row 1 by half: voter 0 always answers 0 there, voter 1 in 1 of 1.5.
    counts = np.array([[1.51, 0.01, 0.01], [1.01, 0.51, 0.01]])
    assert np.allclose(model.confusion[:, 0], counts / counts.sum(axis=1, keepdims=True), atol=0.02)


def simulated(seed=0, rows=3000, classes=4):
    """Two good voters, four that lean to class 0 whatever the truth, each silent at
    times.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, rows)
    right = np.array([0.9, 0.9, 0.35, 0.35, 0.35, 0.35])
    votes = np.zeros((rows, 6), dtype=np.int64)
    for voter, share in enumerate(right):
        wrong = np.zeros(rows, dtype=np.int64) if voter >= 2 else rng.integers(0, classes, rows)
        votes[:, voter] = np.where(rng.random(rows) < share, truth, wrong)
    votes[rng.random(votes.shape) < 0.2] = -1
    return truth, votes


def test_it_learns_whom_to_trust_where_the_majority_does_not():
    truth, votes = simulated()
    model = fit_dawid_skene(votes, 4)
    covered = (votes >= 0).any(axis=1)
    by_model = (dawid_skene(votes, model) == truth)[covered].mean()
    by_majority = (majority(votes, [str(i) for i in range(len(votes))], 4) == truth)[covered].mean()
    assert by_model > by_majority + 0.1
    assert model.confusion[0].diagonal().min() > 0.7
    assert model.confusion[2].diagonal()[1:].max() < 0.4


def test_a_voter_that_names_one_class_only_counts_by_when_it_fires():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 4000)
    votes = np.full((4000, 6), -1)
    for voter in range(6):
        own = voter % 2
        fires = rng.random(4000) < np.where(truth == own, 0.6, 0.1 if voter < 4 else 0.5)
        votes[fires, voter] = own
    found = dawid_skene(votes, fit_dawid_skene(votes, 2))
    covered = found >= 0
    by_majority = majority(votes, [str(i) for i in range(4000)], 2)
    assert (found == truth)[covered].mean() > (by_majority == truth)[covered].mean() + 0.02


def test_rows_without_a_vote_get_no_label_and_do_not_move_the_model():
    truth, votes = simulated(rows=500)
    more = np.concatenate([votes, np.full((300, 6), -1)])
    one, other = fit_dawid_skene(votes, 4), fit_dawid_skene(more, 4)
    assert np.allclose(one.confusion, other.confusion)
    assert (dawid_skene(more, other)[500:] == -1).all()
    assert len(truth) == 500


def test_nothing_to_learn_from_is_no_error():
    assert dawid_skene(np.full((3, 2), -1), fit_dawid_skene(np.full((3, 2), -1), 3)).tolist() == [-1, -1, -1]


def test_the_noise_model_fits_on_train_and_labels_validation_with_that_model():
    truth, votes = simulated()
    valid = votes[:40]
    draws = Draws(("corpus", "observed(weak)", 0), "valid", [str(i) for i in range(40)])
    observed = {"weak": np.zeros(40, dtype=np.int64)}
    made = noise_from("observed(weak,votes=dawid_skene)").corrupt(
        NoiseInputs(truth[:40], 4, draws, observed=observed, votes={"weak": valid}, train_votes={"weak": votes})
    )
    assert made.tolist() == dawid_skene(valid, fit_dawid_skene(votes, 4)).tolist()
    assert made.tolist() != dawid_skene(valid, fit_dawid_skene(valid, 4)).tolist()
