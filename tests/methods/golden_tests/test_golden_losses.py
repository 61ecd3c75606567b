"""Losses against numbers that their authors' own code computed; see
golden/PROVENANCE.md.
"""

import dataclasses
import types

import numpy as np
import pytest
import torch

from methods.elr import EarlyLearningRegularization
from methods.gce import GeneralizedCrossEntropy
from methods.mixup import Mixup, mixed_loss
from methods.sce import SymmetricCrossEntropy
from methods.shared.co_regularised import CoRegularised
from methods.shared.losses import agreement, co_regularised, smoothed_divergence
from methods.shared.mixing import Mixing

TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}


@pytest.mark.golden("gce_loss")
def test_gce_loss_and_gradient_are_those_of_the_plain_form(case, batch_of, leaf, tensor):
    logits = leaf(case["logits"][None])
    loss = GeneralizedCrossEntropy(q=float(case["q"])).loss(batch_of(logits, tensor(case["labels"])))
    loss.backward()
    np.testing.assert_allclose(loss.item(), case["out_gce_loss"], **TOLERANCE)
    np.testing.assert_allclose(logits.grad[0], case["out_gce_grad"], **TOLERANCE)


def truncated(case):
    return GeneralizedCrossEntropy(q=float(case["q"]), truncation=float(case["k"]))


@pytest.mark.golden("gce_loss")
def test_truncated_gce_is_the_ports_but_for_the_clamp(case, batch_of, leaf, tensor):
    logits = leaf(case["logits"][None])
    batch = batch_of(logits, tensor(case["labels"]), rows=tensor(case["index"]), state=tensor(case["w0"]))
    loss = truncated(case).loss(batch)
    loss.backward()
    if batch.label_probabilities.min() > 1e-7:
        np.testing.assert_allclose(loss.item(), case["out_trunc_loss"], **TOLERANCE)
        np.testing.assert_allclose(logits.grad[0], case["out_trunc_grad"], **TOLERANCE)
    else:
        most = 1e-7 ** float(case["q"]) / float(case["q"])
        assert -1e-6 < float(case["out_trunc_loss"]) - loss.item() < most + 1e-6


@pytest.mark.golden("gce_loss")
def test_truncated_gce_keeps_what_the_port_keeps_and_all_where_that_is_none(case, batch_of, leaf, tensor):
    batch = batch_of(leaf(case["logits"][None]), tensor(case["labels"]), rows=tensor(case["index"]))
    theirs = case["out_new_weight"][case["index"]]
    found = truncated(case).weights(batch.label_probabilities[0])
    np.testing.assert_array_equal(found, theirs if theirs.any() else np.ones_like(theirs))
    if theirs.any():
        state = tensor(case["out_new_weight"])
        loss = truncated(case).loss(dataclasses.replace(batch, state=state))
        np.testing.assert_allclose(loss.item(), case["out_trunc_loss_after"], rtol=1e-6, atol=1e-6)
    else:
        np.testing.assert_allclose(case["out_trunc_loss_after"], 0.0, atol=1e-12)


@pytest.mark.golden("sce_loss")
def test_sce_is_the_authors_and_the_torch_ports_where_no_probability_is_clipped(case, batch_of, leaf, tensor):
    logits = leaf(case["logits"][None])
    batch = batch_of(logits, tensor(case["labels"]))
    loss = SymmetricCrossEntropy(float(case["alpha"]), float(case["beta"])).loss(batch)
    loss.backward()
    np.testing.assert_allclose(loss.item(), case["out_loss_tf"], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(logits.grad[0], case["out_grad_tf"], rtol=1e-6, atol=1e-7)
    if batch.label_probabilities.min() > 1e-7:
        np.testing.assert_allclose(loss.item(), case["out_loss_torch"], rtol=1e-5)
    else:
        # The port leaves the cross-entropy unbounded where the authors, and we, bound it.
        assert float(case["out_loss_torch"]) > loss.item() - 1e-6


@pytest.mark.golden("mixup_loss")
def test_mixup_mixes_embeddings_and_weighs_losses_as_the_authors_do_inputs(case, batch_of, leaf, tensor):
    logits, shown = leaf(case["logits"][None]), []

    def classify(mixed):
        shown.append(mixed)
        return logits[0]

    network = types.SimpleNamespace(embed=lambda encoded: tensor(case["x"]), classify=classify)
    batch = dataclasses.replace(batch_of(logits, tensor(case["labels"])), networks=[network])
    loss = mixed_loss(batch, Mixing(float(case["lam"]), tensor(case["perm"])))
    loss.backward()
    np.testing.assert_allclose(shown[0], case["out_mixed"], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(loss.item(), case["out_loss"], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(logits.grad[0], case["out_grad"], rtol=1e-7, atol=1e-10)


def test_mixup_draws_one_share_a_batch_which_may_be_below_a_half(monkeypatch, batch_of, leaf):
    drawn = []
    monkeypatch.setattr("methods.mixup.mixed_loss", lambda batch, mixing: drawn.append(mixing))
    batch = batch_of(leaf(np.zeros((1, 8, 3))), torch.arange(8) % 3, state=np.random.default_rng(0))
    for _ in range(200):
        Mixup(concentration=1.0).loss(batch)
    shares = np.array([mixing.share for mixing in drawn])
    assert shares.shape == (200,)
    assert 0.4 < (shares < 0.5).mean() < 0.6
    assert all(sorted(mixing.partners.tolist()) == list(range(8)) for mixing in drawn)


@pytest.mark.golden("elr_loss")
def test_elr_loss_gradient_and_memory_follow_the_authors_over_six_steps(case, batch_of, leaf, tensor):
    method = EarlyLearningRegularization(weight=float(case["lam"]), momentum=float(case["beta"]))
    memory = torch.zeros(int(case["N"]), int(case["C"]), dtype=torch.float64)
    for step, rows in enumerate(case["index"]):
        logits = leaf(case["logits"][step][None])
        labels = tensor(case["all_labels"][rows])
        loss = method.loss(batch_of(logits, labels, rows=tensor(rows), state=memory, step=step, total_steps=6))
        loss.backward()
        np.testing.assert_allclose(loss.item(), case["out_loss"][step], **TOLERANCE)
        np.testing.assert_allclose(logits.grad[0], case["out_grad"][step], **TOLERANCE)
        np.testing.assert_allclose(memory, case["out_target"][step], **TOLERANCE)


@pytest.mark.golden("dygen_kl_div")
def test_smoothed_divergence_is_the_authors_helper(case, tensor):
    found = smoothed_divergence(tensor(case["p"]), tensor(case["q"]))
    np.testing.assert_allclose(found, case["out_kl"], rtol=1e-7, atol=1e-10)


@pytest.mark.golden("dygen_stage1_loss")
def test_co_regularised_loss_and_gradient_are_those_of_dygen_and_of_cr(case, batch_of, leaf, tensor):
    logits = leaf(case["logits"])
    batch = batch_of(logits, tensor(case["labels"]))
    loss = co_regularised(batch.losses, batch.probabilities, float(case["alpha_t"]))
    loss.backward()
    for name in ("", "_cr"):
        np.testing.assert_allclose(loss.item(), case[f"out_loss{name}"], **TOLERANCE)
        np.testing.assert_allclose(logits.grad, case[f"out_grad{name}"], **TOLERANCE)
    np.testing.assert_allclose(agreement(batch.probabilities).detach(), case["out_reg_per_sample"], **TOLERANCE)


@pytest.mark.golden("dygen_stage1_loss")
def test_cr_switches_its_agreement_on_after_the_warm_up(case, batch_of, leaf, tensor):
    stage = CoRegularised(agreement=float(case["alpha_t"]), warmup=0.1)
    logits, labels = leaf(case["logits"]), tensor(case["labels"])
    before, after = (stage.loss(batch_of(logits, labels, step=s, total_steps=100)) for s in (9, 10))
    np.testing.assert_allclose(before.item(), batch_of(logits, labels).losses.mean().item())
    np.testing.assert_allclose(after.item(), case["out_loss_cr"], **TOLERANCE)
