"""Losses against numbers that their authors' own code computed; see golden/PROVENANCE.md."""

import numpy as np
import pytest
import torch

from methods.co_teaching import CoTeaching
from methods.elr import EarlyLearningRegularization
from methods.engine.losses import agreement, co_regularised, smoothed_divergence
from methods.engine.small_loss import exchanged_losses, forget_rate, kept_count
from methods.engine.stages import CoRegularised
from methods.gce import GeneralizedCrossEntropy

TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}


@pytest.mark.golden("gce_loss")
def test_gce_loss_and_gradient_are_those_of_the_plain_form(case, batch_of, leaf, tensor):
    logits = leaf(case["logits"][None])
    loss = GeneralizedCrossEntropy(q=float(case["q"])).loss(batch_of(logits, tensor(case["labels"])))
    loss.backward()
    np.testing.assert_allclose(loss.item(), case["out_gce_loss"], **TOLERANCE)
    np.testing.assert_allclose(logits.grad[0], case["out_gce_grad"], **TOLERANCE)


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


def co_teaching_parts(case, leaf, tensor):
    """Both networks' logits and their summed exchanged loss, without and with the authors' own count."""
    logits = leaf(np.stack([case["logits"], case["logits2"]]))
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), tensor(case["labels"]).repeat(2), reduction="none"
    ).reshape(2, -1)
    kept = kept_count(float(case["forget_rate"]), losses.shape[1])
    return logits, exchanged_losses(losses, kept), kept


@pytest.mark.golden("coteaching_loss")
def test_co_teaching_keeps_the_rows_that_the_authors_code_keeps(case, leaf, tensor):
    logits, loss, kept = co_teaching_parts(case, leaf, tensor)
    loss.backward()
    assert kept == len(case["out_kept1"]) == len(case["out_kept2"])
    for network, key in ((0, "out_kept2"), (1, "out_kept1")):
        moved = np.zeros(len(case["labels"]), dtype=bool)
        moved[case[key]] = True
        assert (logits.grad[network, ~moved] == 0).all()
        own = case["out_grad1" if network == 0 else "out_grad2"]
        np.testing.assert_array_equal((own != 0).any(1), (logits.grad[network].numpy() != 0).any(1))


@pytest.mark.golden("coteaching_loss")
def test_co_teaching_loss_is_the_mean_that_the_authors_code_divides_by_the_kept_count_once_more(case, leaf, tensor):
    logits, loss, kept = co_teaching_parts(case, leaf, tensor)
    loss.backward()
    theirs = float(case["out_loss1"] + case["out_loss2"])
    np.testing.assert_allclose(loss.item(), theirs * kept, **TOLERANCE)
    np.testing.assert_allclose(logits.grad, np.stack([case["out_grad1"], case["out_grad2"]]) * kept, **TOLERANCE)
    if kept > 1:
        assert loss.item() > 1.5 * theirs


def test_co_teaching_keeps_one_example_where_the_authors_truncation_keeps_none():
    assert int((1 - 0.9) * 10) == 0
    assert kept_count(0.9, 10) == 1
    assert kept_count(0.999, 5) == 1


@pytest.mark.golden("coteaching_loss")
def test_co_teaching_drops_by_its_schedule(case, batch_of, leaf, tensor):
    logits = leaf(np.stack([case["logits"], case["logits2"]]))
    rate = float(case["forget_rate"])
    late = batch_of(logits, tensor(case["labels"]), state=rate, step=9, total_steps=10)
    _, expected, _ = co_teaching_parts(case, leaf, tensor)
    np.testing.assert_allclose(CoTeaching(ramp=0.3).loss(late).item(), expected.item(), **TOLERANCE)
    early = batch_of(logits, tensor(case["labels"]), state=rate, step=0, total_steps=10)
    np.testing.assert_allclose(
        CoTeaching(ramp=0.3).loss(early).item(), early.losses.sum(1).sum().item() / len(case["labels"])
    )


def schedule(case, steps_of_ramp):
    epochs = int(case["n_epoch"])
    rate, exponent = float(case["noise_rate"]), float(case["exponent"])
    return [forget_rate(epoch / epochs, rate, steps_of_ramp / epochs, exponent) for epoch in range(epochs)]


@pytest.mark.golden("forget_rate_schedules")
def test_forget_rates_at_the_starts_of_epochs_are_the_authors_when_the_ramp_ends_in_its_last_epoch(case):
    ramp = int(case["num_gradual"]) - 1
    found, theirs = np.array(schedule(case, ramp)), case["out_coteaching"].copy()
    # The authors' ramp ends in an epoch at rate^exponent; ours has gone on to the rate, which is the same for 1.
    if float(case["exponent"]) != 1.0:
        np.testing.assert_allclose(theirs[ramp], float(case["noise_rate"]) ** float(case["exponent"]), rtol=1e-12)
        theirs[ramp] = float(case["noise_rate"])
    np.testing.assert_allclose(found, theirs, rtol=1e-12)


@pytest.mark.golden("forget_rate_schedules")
def test_forget_rate_reaches_the_rate_one_epoch_after_the_authors_since_it_grows_by_steps(case):
    ramp = int(case["num_gradual"])
    found, theirs = np.array(schedule(case, ramp)), case["out_coteaching"]
    assert (found[1:ramp] < theirs[1:ramp]).all()
    np.testing.assert_allclose(found[1:ramp] * ramp, theirs[1:ramp] * (ramp - 1), rtol=1e-12)
    np.testing.assert_allclose(found[ramp:], theirs[ramp:], rtol=1e-12)


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
