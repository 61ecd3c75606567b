"""IDO's two stages and what its counts lead to."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world, world
from benchmark.contracts import method_from
from methods.ido import FIRST_ITERATIONS, Difficulty, InstanceDifficultyOptimization, view_terms, weighted_loss


def difficulty(counts):
    state = Difficulty(torch.zeros(len(counts), dtype=torch.int64))
    state.events.counts = torch.tensor(counts)
    state.model(FIRST_ITERATIONS)
    return state


def test_wrong_events_find_the_wrong_labels_of_an_easy_set():
    here = easy_world()
    wrong = here.trial_inputs.noisy.train_labels != here.trial_inputs.noisy.train.clean_labels
    assert roc_auc_score(wrong, train(method_from("ido"), here).findings["suspicion"]) > 0.9


def test_stage_one_is_cross_entropy_to_the_bit_and_stage_two_is_not():
    ours, plain = (train(method_from(name), easy_world()).predicted for name in ("ido", "cross_entropy"))
    assert np.array_equal(ours[0], plain[0])
    assert not np.array_equal(ours[-1], plain[-1])


def test_stage_two_starts_from_the_base_model_and_both_views_count(monkeypatch):
    states, loss = [], InstanceDifficultyOptimization.loss

    def watched(self, batch):
        if batch.state.weights is None:
            return loss(self, batch)
        now, base = batch.networks[0].state_dict(), batch.state.wave.weights
        before = batch.state.events.counts.clone()
        found = loss(self, batch)
        added = batch.state.events.counts - before
        states.append((all(torch.equal(now[name], base[name]) for name in base), added, batch.rows))
        return found

    monkeypatch.setattr(InstanceDifficultyOptimization, "loss", watched)
    train(method_from("ido"), easy_world())
    assert states[0][0]
    assert not states[1][0]
    for _, added, rows in states:
        others = torch.ones(len(added), dtype=torch.bool)
        others[rows] = False
        assert (added[others] == 0).all()
        assert added.max() <= 2
    assert max(added.max() for _, added, _ in states) == 2


def test_rarely_wrong_examples_keep_their_label_and_often_wrong_ones_lose_it():
    weights = difficulty([0] * 50 + [1] * 10 + [5] * 8 + [6] * 20).weights
    label = weights.label.tolist()
    assert label == sorted(label, reverse=True)
    assert label[0] > 0.95
    assert label[-1] < 0.2
    assert ((weights.distance >= 0) & (weights.distance <= 2)).all()


@pytest.mark.parametrize("counts", [[0] * 8, [3] * 8, [2]])
def test_equal_counts_leave_every_label_believed_where_the_authors_scaling_divides_by_zero(counts):
    weights = difficulty(counts).weights
    assert (weights.label == 1).all()
    assert (weights.distance == 1).all()


def test_believed_labels_make_the_loss_cross_entropy_of_both_views_and_their_distance():
    draws = torch.Generator().manual_seed(0)
    first, second = (torch.randn(6, 4, generator=draws, dtype=torch.float64) for _ in range(2))
    labels = torch.arange(6) % 4
    found = weighted_loss(view_terms(first, second, labels), torch.ones(6), torch.zeros(6))
    both = sum(torch.nn.functional.cross_entropy(logits, labels) for logits in (first, second))
    torch.testing.assert_close(found, both)
    label_confidence_diagnostics = weighted_loss(view_terms(first, first, labels), torch.zeros(6), torch.ones(6))
    torch.testing.assert_close(
        label_confidence_diagnostics, weighted_loss(view_terms(first, first, labels.flip(0)), *torch.zeros(2, 6))
    )


def test_a_stage_one_of_the_whole_training_is_cross_entropy():
    ours, plain = train(method_from("ido[stage_one=1]"), world()), train(method_from("cross_entropy"), world())
    assert np.array_equal(ours.test, plain.test)
