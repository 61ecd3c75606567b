"""The pace of exponential decay, and what its mean prediction is held to."""

import types

import numpy as np
import pytest
import torch

from benchmark.contracts import NoisyTexts
from methods.exp_decay import ExponentialDecay
from methods.shared.views import collapse, symmetric_divergence


def shares(labels, classes, **options):
    view = types.SimpleNamespace(train=NoisyTexts([""] * len(labels), np.array(labels)), num_classes=classes)
    return ExponentialDecay(**options).start(view, types.SimpleNamespace(device="cpu"))


def test_label_weighs_everything_at_first_and_never_less_than_the_floor():
    method = ExponentialDecay(floor=0.2, kappa=50.0)
    assert method.label_weight(0.0) == 1.0
    assert method.label_weight(1.0) == pytest.approx(0.2)


def test_a_confident_prediction_outweighs_the_label_after_a_quarter_of_the_training():
    method = ExponentialDecay()
    assert method.label_weight(0.25) > 0.5
    assert method.label_weight(0.28) < 0.5


def test_prior_is_the_observed_shares_unless_uniform_ones_are_asked_for():
    np.testing.assert_allclose(shares([0, 0, 0, 1], 2, prior="uniform"), [0.5, 0.5])
    np.testing.assert_allclose(shares([0, 0, 0, 1], 2), [4 / 6, 2 / 6], rtol=1e-6)


def test_a_class_without_labels_keeps_a_share_above_zero():
    assert shares([0, 0, 1], 3).min() > 0


def test_collapse_is_zero_at_the_prior_and_grows_when_one_class_takes_all():
    prior = torch.tensor([0.25, 0.75])
    assert collapse(torch.tensor([[0.5, 0.5], [0.0, 1.0]]), prior) == pytest.approx(0.0, abs=1e-6)
    assert collapse(torch.tensor([[0.01, 0.99], [0.01, 0.99]]), prior) > 0.5


def test_divergence_of_two_views_is_symmetric_and_zero_for_equal_ones():
    first, second = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
    np.testing.assert_allclose(symmetric_divergence(first, second), symmetric_divergence(second, first), rtol=1e-5)
    assert not symmetric_divergence(first, first).any()
    assert (symmetric_divergence(first, second) > 0).all()
