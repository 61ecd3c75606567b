"""forward, dualt and confident_learning: the second training and what they report."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.conformance import CHECKS
from benchmark.conformance.results import train
from benchmark.conformance.worlds import LONGER, world
from benchmark.contracts import method_from
from methods.confident_learning import ConfidentLearning
from methods.dualt import DualT
from methods.forward import ForwardCorrection
from methods.shared.transition.corrections import bounded_inverse
from methods.shared.transition.training import Transition
from tests.support.checked import problems_of

VARIANTS = [
    "forward",
    "forward[estimate=dual_t]",
    "forward[estimate=confident_joint]",
    "forward[estimate=oracle]",
    "forward[correction=backward]",
    "dualt",
    "dualt[correction=forward]",
    "confident_learning",
]


def trained_longer():
    """A world whose recipe has enough steps for a first stage to learn within a fifth
    of them.
    """
    return world(train=600, test=60, recipe=replace(LONGER, epochs=10, points=20, points_in_first_epoch=5))


def transition(matrix):
    tensor = torch.tensor(matrix)
    return Transition(np.array(matrix), tensor, bounded_inverse(tensor))


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", [name for name in VARIANTS if "[" in name])
def test_variant_keeps_the_contract(name, check):
    problem = problems_of(name)[check]
    assert problem is None, f"{CHECKS[check]}: {problem}"


@pytest.mark.parametrize("name", VARIANTS)
def test_points_are_those_of_the_second_training_and_the_matrix_is_found(name):
    here = trained_longer()
    result = train(method_from(name), here)
    assert {stage for stage, _, _ in result.points} == {2}
    found = result.findings["transition_matrix"]
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-6)
    truth = np.asarray(here.trial_inputs.noisy.manifest.transition_matrix)
    assert np.abs(found - truth).sum(axis=1).mean() < np.abs(np.eye(len(truth)) - truth).sum(axis=1).mean()
    assert result.findings["noise_rate"] == pytest.approx(0.25, abs=0.15)


def test_the_true_matrix_is_an_oracle_and_the_estimated_ones_are_none():
    assert [name for name in VARIANTS if method_from(name).oracle] == ["forward[estimate=oracle]"]


def test_losses_by_hand(batch_of):
    state = transition([[0.8, 0.2], [0.4, 0.6]])
    logits = torch.log(torch.tensor([[[0.5, 0.5], [0.25, 0.75]]]))
    batch = batch_of(logits, torch.tensor([0, 1]), state=state)
    forward = -(np.log(0.6) + np.log(0.25 * 0.2 + 0.75 * 0.6)) / 2
    weights = np.array([0.5 / 0.6, 0.75 / 0.5])
    reweighted = -(weights * np.log([0.5, 0.75])).mean()
    inverse = np.linalg.inv([[0.8, 0.2], [0.4, 0.6]])
    backward = -(inverse[0] @ np.log([0.5, 0.5]) + inverse[1] @ np.log([0.25, 0.75])) / 2
    for method, expected in (
        (ForwardCorrection(), forward),
        (DualT(correction="forward"), forward),
        (DualT(), reweighted),
        (ForwardCorrection(correction="backward"), backward),
    ):
        assert method.loss(batch).item() == pytest.approx(expected, rel=1e-5)


def test_the_second_training_of_confident_learning_never_sees_what_was_left_out():
    rows = []

    class Watching(ConfidentLearning):
        def training_rows(self, view, trainer, state):
            rows.append(state)
            return state.kept

        def loss(self, batch):
            seen.update(batch.rows.tolist())
            return super().loss(batch)

    seen: set[int] = set()
    here = trained_longer()
    train(Watching(), here)
    noisy = here.trial_inputs.noisy
    assert seen == set(rows[0].kept.tolist())
    wrong = noisy.train_labels != noisy.train.clean_labels
    assert 0 < (~np.isin(np.arange(len(wrong)), rows[0].kept)).sum() < len(wrong)
    assert wrong[rows[0].kept].mean() < 0.5 * wrong.mean()


@pytest.mark.parametrize("name", VARIANTS)
def test_reports_are_right_with_an_absent_class(name):
    found = train(method_from(name), world(classes=4, present=3)).findings["transition_matrix"]
    assert found.shape == (4, 4)
    assert np.isfinite(found).all()
