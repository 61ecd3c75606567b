"""Losses with a transition matrix against their authors' own code; see
golden/PROVENANCE.md.
"""

import numpy as np
import pytest
import torch

from methods.shared.transition.corrections import backward_losses, bounded_inverse, forward_losses, importance

CLOSE = {"rtol": 1e-6, "atol": 1e-7}


def logs(leaf, case):
    logits = leaf(case["logits"])
    return logits, torch.log_softmax(logits, dim=-1)


@pytest.mark.golden("loss_correction")
def test_forward_loss_and_gradient_are_the_authors(case, leaf, tensor):
    logits, log_p = logs(leaf, case)
    losses = forward_losses(log_p, tensor(case["labels"]), tensor(case["T"]))
    losses.sum().backward()
    np.testing.assert_allclose(losses.detach(), case["out_forward"], **CLOSE)
    np.testing.assert_allclose(logits.grad, case["out_forward_grad"], **CLOSE)


@pytest.mark.golden("loss_correction")
def test_backward_loss_and_gradient_are_the_authors_but_where_they_clip_probabilities(case, leaf, tensor):
    logits, log_p = logs(leaf, case)
    inverse = torch.linalg.inv(tensor(case["T"]))
    losses = backward_losses(log_p, tensor(case["labels"]), inverse)
    losses.sum().backward()
    bounds = np.log(1e-7), np.log1p(-1e-7)
    whole = ((log_p > bounds[0]) & (log_p < bounds[1])).all(-1).numpy()
    np.testing.assert_allclose(losses.detach()[whole], case["out_backward"][whole], **CLOSE)
    np.testing.assert_allclose(logits.grad[whole], case["out_backward_grad"][whole], **CLOSE)
    theirs = backward_losses(log_p.detach().clamp(*bounds), tensor(case["labels"]), inverse)
    np.testing.assert_allclose(theirs, case["out_backward"], **CLOSE)


@pytest.mark.golden("t_revision_loss")
def test_reweighted_loss_and_gradient_are_the_authors(case, leaf, tensor):
    logits, log_p = logs(leaf, case)
    labels = tensor(case["labels"])
    beta = importance(log_p.exp(), labels, tensor(case["T"]))
    loss = (beta * -log_p.gather(-1, labels.unsqueeze(-1)).squeeze(-1)).mean()
    loss.backward()
    # The authors' second version fails on a batch of one.
    for version in ("rw",) if len(labels) == 1 else ("rw", "rw_v2"):
        np.testing.assert_allclose(loss.item(), case[f"out_{version}"], rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(logits.grad, case[f"out_{version}_grad"], rtol=1e-5, atol=1e-8)


def test_with_clean_labels_every_correction_is_cross_entropy(tensor):
    log_p = torch.log_softmax(torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(0)), dim=-1)
    labels = tensor(np.array([0, 1, 2, 0, 1, 2]))
    plain = -log_p.gather(-1, labels.expand(2, -1).unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(forward_losses(log_p, labels, torch.eye(3)), plain, rtol=0, atol=1e-4)
    torch.testing.assert_close(backward_losses(log_p, labels, torch.eye(3)), plain)
    torch.testing.assert_close(importance(log_p.exp(), labels, torch.eye(3)), torch.ones(2, 6))


def test_losses_stay_finite_under_a_matrix_that_forbids_the_label(tensor):
    impossible = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    log_p = torch.log(torch.tensor([[0.5, 0.5]])).requires_grad_()
    labels = tensor(np.array([1]))
    forward_losses(log_p, labels, impossible).sum().backward()
    assert log_p.grad.isfinite().all()
    assert importance(log_p.exp(), labels, impossible).isfinite().all()
    inverse = bounded_inverse(torch.tensor([[0.5001, 0.4999], [0.4999, 0.5001]]))
    assert inverse.abs().max() == 10.0


def test_an_importance_weight_is_bounded_where_the_noisy_label_cannot_be():
    never = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    weights = importance(torch.tensor([[1.0, 0.0]]), torch.tensor([0]), never)
    assert weights.item() == pytest.approx(1e7)
