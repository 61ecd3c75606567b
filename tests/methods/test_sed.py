"""SED's schedule, its bounds by class and its teacher."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from
from methods.sed import Confidence, Selection, SelfAdaptiveSelection, State, follow


def test_a_class_that_the_network_favours_less_has_a_lower_bound():
    selection = Selection(2)
    selection.renew(np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]]), np.array([0, 0, 1]), momentum=0, quantile=1)
    assert selection.threshold == 0.9
    excess = selection.excess(np.full((2, 2), 0.5), np.array([0, 1]))
    assert excess[0] < 0
    assert excess[1] > 0


def test_the_threshold_stays_below_certainty():
    selection = Selection(2)
    selection.renew(np.eye(2), np.array([0, 1]), momentum=0, quantile=0.8)
    assert selection.threshold == 0.95


def test_guesses_above_the_mean_confidence_weigh_one_and_those_below_less():
    confidence = Confidence(2)
    taught = np.array([[0.9, 0.1], [0.7, 0.3], [0.5, 0.5]])
    confidence.renew(taught, momentum=0)
    weights = confidence.weights(taught, deviations=2)
    np.testing.assert_allclose(weights[:2], 1.0)
    np.testing.assert_allclose(weights[2], np.exp(-(0.2**2) * 4 / (2 * 0.04)))


def test_the_teacher_is_a_running_mean_of_the_network():
    teacher, student = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    expected = 0.9 * teacher.weight.detach() + 0.1 * student.weight.detach()
    follow(teacher, student, 0.9)
    torch.testing.assert_close(teacher.weight.detach(), expected)


def test_the_warm_up_is_cross_entropy_minus_the_entropy(batch_of):
    logits = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 1])
    loss = SelfAdaptiveSelection().loss(batch_of(logits, labels, state=State(Selection(3), Confidence(3))))
    entropy = torch.distributions.Categorical(logits=logits[0]).entropy().mean()
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(logits[0], labels) - entropy)


@pytest.mark.parametrize(("warmup", "expected"), [(0.2, [1, 2, 3]), (0.5, [2, 3]), (0, [0, 1, 2, 3])])
def test_examples_are_selected_before_each_epoch_after_the_warm_up(monkeypatch, warmup, expected):
    seen, before_epoch = [], SelfAdaptiveSelection.before_epoch

    def watched(self, epoch, view, trainer, networks, state):
        was = state.clean
        before_epoch(self, epoch, view, trainer, networks, state)
        if state.clean is not was:
            seen.append(epoch)

    monkeypatch.setattr(SelfAdaptiveSelection, "before_epoch", watched)
    train(SelfAdaptiveSelection(warmup=warmup), easy_world())
    assert seen == expected


def test_a_batch_without_clean_examples_learns_from_the_teacher_alone():
    found = train(method_from("sed[momentum=0, quantile=1]"), easy_world())
    assert np.isfinite(found.test).all()
