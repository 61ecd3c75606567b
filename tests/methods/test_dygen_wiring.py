"""How DyGen's parts are put together: which epoch, which branch, which point goes
where.
"""

import contextlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import SHORT, world
from benchmark.contracts import NoisyTexts, NoisyView, Outputs, method_from
from methods.dygen import DyGen
from methods.dygen.prior import Prior, make_pool, prior_embedding
from methods.shared.generative import model as generative
from methods.shared.generative.model import GenerativeSettings, train_generative

ROWS, CLASSES = 6, 3


def outputs(probability=0.0, embedding=0.0, branches=2):
    """Every number of the probabilities is one value, every number of the embedding
    another.
    """
    return Outputs(
        np.full((ROWS, branches, CLASSES), probability, np.float32), np.full((ROWS, branches, 2), embedding, np.float16)
    )


class Model:
    """Stands in for a generative model: predicts what it is given, and corrects as it
    was told.
    """

    def __init__(self, corrected):
        self.corrected = corrected

    def predict(self, seen, probabilities):
        return probabilities

    def correct(self, seen, labels):
        return self.corrected


def prior_of(scores, votes):
    return Prior(scores, [], torch.zeros(ROWS, dtype=torch.int64), [], votes)


@pytest.fixture
def weights_of_agreement(monkeypatch):
    """The weight of the agreement at each step of a second stage."""

    def run(**settings):
        found, loss = [], generative.generative_loss

        def noted(*arguments):
            found.append(arguments[-1])
            return loss(*arguments)

        monkeypatch.setattr(generative, "generative_loss", noted)
        labels, priors = torch.zeros(2, ROWS, dtype=torch.int64), torch.full((2, ROWS, CLASSES), 2.0)
        asked = GenerativeSettings(batch_size=4, learning_rate=1e-3, agreement_weight=3.0, **settings)
        draws = np.random.default_rng(0)
        seen = [Outputs(np.zeros((ROWS, 2, CLASSES), np.float32), draws.normal(size=(ROWS, 2, 2)).astype(np.float16))]
        for _ in train_generative(seen, labels, priors, asked, draws, contextlib.nullcontext, lambda: None):
            pass
        return found

    return run


@pytest.mark.parametrize(
    ("warmup", "epochs", "without"), [(0.5, 4, 2), (0.1, 10, 1), (0.1, 4, 1), (0.3, 4, 2), (0.0, 2, 0), (1.0, 2, 2)]
)
def test_agreement_of_the_second_stage_begins_with_a_whole_epoch(weights_of_agreement, warmup, epochs, without):
    steps = 2
    expected = [0.0] * without * steps + [3.0] * (epochs - without) * steps
    assert weights_of_agreement(warmup=warmup, epochs=epochs) == expected


def test_findings_are_means_over_the_branches_and_of_the_last_moment():
    of_branches = np.array([[0.6, 0.4, 0.0], [0.0, 0.9, 0.1]], np.float32)
    scores = np.array([[1.0] * ROWS, [3.0] * ROWS])
    model = Model(np.broadcast_to(of_branches, (ROWS, 2, CLASSES)))
    found = DyGen().found([outputs(0.1), outputs(0.2), outputs(0.3)], model, None, prior_of(scores, None))
    np.testing.assert_allclose(found.train_probabilities, 0.3)
    np.testing.assert_array_equal(found.corrected_labels, 1)
    np.testing.assert_allclose(found.suspicion, 2.0)


def test_votes_of_neighbours_are_averaged_over_the_branches():
    votes = torch.tensor([[0.6, 0.4, 0.0], [0.0, 0.9, 0.1]]).unsqueeze(1).expand(-1, ROWS, -1)
    prior = prior_of(np.zeros((2, ROWS)), votes)
    (point,) = DyGen(until="prior").neighbours_alone(None, None, {}, prior)
    np.testing.assert_array_equal(point.findings().corrected_labels, 1)


@pytest.mark.parametrize("trajectory", ["epochs", "last-1", "every-2", "all"])
def test_prediction_weighs_by_what_the_networks_said_last(trajectory):
    seen = [outputs(0.1), outputs(0.2), outputs(0.3)]
    np.testing.assert_allclose(DyGen(trajectory=trajectory).predict(seen, Model(None)), 0.3)


@pytest.mark.parametrize(("which", "expected"), [("first", 1.0), ("last", 3.0)])
def test_neighbours_are_sought_by_the_first_or_the_last_embedding_as_asked(which, expected):
    points = [np.full((ROWS, 2), value, np.float16) for value in (1.0, 2.0, 3.0)]
    np.testing.assert_array_equal(prior_embedding(DyGen(prior_embedding=which), None, points), expected)


def test_the_leaky_centroids_count_every_text_once_and_validation_under_its_clean_label():
    method = replace(DyGen(mode="released_leaky"), bank="train_valid")
    view = NoisyView(
        NoisyTexts([""] * ROWS, np.full(ROWS, 0)),
        NoisyTexts([""] * ROWS, np.full(ROWS, 1)),
        CLASSES,
        declared_inputs=dict.fromkeys(sorted(method.needs()), np.full(ROWS, 2)),
    )
    seen = {split: [outputs(embedding=value)] for split, value in (("train", 1.0), ("valid", 2.0), ("test", 3.0))}
    pool = make_pool(method, view, seen)
    assert pool.labels.tolist() == [0] * ROWS + [1] * ROWS
    assert pool.member_labels.tolist() == [0] * ROWS + [2] * ROWS + [2] * ROWS
    np.testing.assert_array_equal(pool.members[1][0][:, 0], np.repeat([1.0, 2.0, 3.0], ROWS))


APART = replace(SHORT, epochs=3, batch_size=8, points=5)
"""A recipe of which one epoch ends between two selection points."""


@pytest.mark.parametrize(
    ("trajectory", "shown"),
    [
        ("epochs", [1 / 3, 2 / 3, 1.0]),
        ("last-1", [1 / 3, 2 / 3, 1.0]),
        ("all", list(APART.fractions())),
        ("every-2-points", list(APART.fractions())),
    ],
)
def test_first_stage_is_looked_at_at_the_moments_that_the_trajectory_counts(trajectory, shown):
    found = train(method_from(f"dygen[trajectory={trajectory}]"), world(recipe=APART)).points
    assert [fraction for stage, fraction, _ in found if stage == 1] == pytest.approx(shown)


@pytest.mark.parametrize(
    ("trajectory", "moments"),
    [("epochs", 3), ("last-2", 2), ("every-2", 2), ("all", 5), ("last-4-points", 4), ("every-3-points", 2)],
)
def test_second_stage_learns_from_as_many_embeddings_as_the_trajectory_joins(monkeypatch, trajectory, moments):
    joined, original = [], generative.train_generative

    def noted(seen, *rest):
        joined.append(len(seen))
        return original(seen, *rest)

    monkeypatch.setattr(generative, "train_generative", noted)
    train(method_from(f"dygen[trajectory={trajectory}]"), world(recipe=APART))
    assert joined == [moments]


@pytest.mark.parametrize(
    ("mode", "epochs", "warmup"),
    [
        ("paper", 10, 0.1),
        ("paper", 5, 0.1),
        ("released_leaky", 10, 0.1),
        ("released_leaky", 5, 0.0),
        ("released_leaky", 25, 2 / 25),
    ],
)
def test_the_released_warm_up_of_the_first_stage_is_whole_epochs_and_the_papers_is_not(mode, epochs, warmup):
    assert method_from(f"dygen[mode={mode}]").stage_one(epochs).warmup == warmup
