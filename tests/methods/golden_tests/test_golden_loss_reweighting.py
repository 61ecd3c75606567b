"""Loss-based reweighting against numbers that its authors' own code computed; see
golden/PROVENANCE.md.
"""

import types

import numpy as np
import pytest
import torch

from benchmark.contracts import NoisyTexts, NoisyView
from methods.loss_reweighting import LinUpperReweighting, LossReweighting, loss_weights

TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}
STRATEGIES = {"quadratic": "mid", "upper": "upper", "linupper": "linupper", "extremes": "extremes"}
"""Our names of the strategies and those of the authors' functions."""


def logits_with(losses):
    """Give logits of two classes with these cross-entropies with class 0, (1, B, 2)."""
    return np.stack([np.zeros_like(losses), np.log(np.expm1(losses))], -1)[None]


def lengths_are_equal(case):
    return np.allclose(case["len_norms"], 1 / len(case["losses"]))


class OneBatch:
    """Stands in for a trainer whose training is one batch, and keeps its loss."""

    def __init__(self, batch):
        self.batch = batch

    def networks(self, count):
        return self.batch.networks

    def train(self, networks, loss, **_):
        self.loss = loss(self.batch)
        yield types.SimpleNamespace(fraction=1.0)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.golden("loss_reweighting")
def test_weights_are_the_authors(case, strategy, tensor):
    found = loss_weights(tensor(case["losses"]), strategy, float(case["kl_reg"]))
    np.testing.assert_allclose(found, case[f"out_w_{STRATEGIES[strategy]}"], **TOLERANCE)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.golden("loss_reweighting")
def test_fit_descends_the_authors_loss_for_rows_in_any_order_without_their_lengths(case, strategy, batch_of, leaf):
    losses = case["losses"]
    order = np.random.default_rng(len(losses)).permutation(len(losses))
    labels = np.zeros(len(losses), dtype=np.int64)
    logits = leaf(logits_with(losses[order]))
    trainer = OneBatch(batch_of(logits, torch.from_numpy(labels), rows=torch.from_numpy(order)))
    texts = NoisyTexts([""] * len(losses), labels)
    method = LossReweighting(strategy=strategy, rho=float(case["kl_reg"]), plain=0.0)
    list(method.fit(NoisyView(texts, texts, 2), trainer))
    trainer.loss.backward()

    theirs = STRATEGIES[strategy]
    weights = case[f"out_w_{theirs}"]
    by_length = len(losses) * (weights * case["len_norms"] * losses).sum()
    np.testing.assert_allclose(by_length, case[f"out_loss_{theirs}"], **TOLERANCE)
    np.testing.assert_allclose(trainer.loss.item(), (weights * losses).sum(), **TOLERANCE)
    if lengths_are_equal(case):
        np.testing.assert_allclose(trainer.loss.item(), case[f"out_loss_{theirs}"], **TOLERANCE)
    slopes = -weights * -np.expm1(-losses)
    np.testing.assert_allclose(logits.grad[0, :, 0], slopes[order], **TOLERANCE)


def test_the_first_share_of_the_steps_averages_plainly(batch_of, leaf):
    logits = leaf(logits_with(np.array([0.1, 0.5, 2.0])))
    labels = torch.zeros(3, dtype=torch.int64)
    method = LossReweighting(plain=0.5)
    early, late = (method.loss(batch_of(logits, labels, step=step, total_steps=4)) for step in (1, 2))
    assert early.item() == pytest.approx(2.6 / 3)
    assert late.item() != pytest.approx(2.6 / 3, rel=1e-3)


def test_a_batch_of_one_text_keeps_its_loss(batch_of, leaf):
    loss = LossReweighting(plain=0.0).loss(batch_of(leaf(logits_with(np.array([0.7]))), torch.zeros(1).long()))
    assert loss.item() == pytest.approx(0.7)


def test_the_negative_control_takes_weight_from_the_smallest_loss():
    weights = loss_weights(torch.tensor([0.1, 1.0, 2.0]), LinUpperReweighting().strategy, 1.0)
    assert weights.argmin() == 0
    assert LinUpperReweighting.control
