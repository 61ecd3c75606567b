"""Small-loss selection against numbers of the methods' authors' own code; see
golden/PROVENANCE.md.
"""

import numpy as np
import pytest
import torch

from methods.co_teaching import CoTeaching
from methods.co_teaching_plus import CoTeachingPlus
from methods.jocor import JoCoR
from methods.shared.small_loss import exchanged_losses, forget_rate, kept_count, smallest

TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}


def co_teaching_parts(case, leaf, tensor):
    """Both networks' logits and their summed exchanged loss, without and with the
    authors' own count.
    """
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
    np.testing.assert_allclose(found[1:ramp] * ramp, theirs[1:ramp] * (ramp - 1), rtol=1e-12)
    np.testing.assert_allclose(found[ramp:], theirs[ramp:], rtol=1e-12)


@pytest.mark.golden("forget_rate_schedules")
def test_co_teaching_plus_has_the_schedule_of_exponent_one_whatever_the_exponent(case):
    ramp, epochs = int(case["num_gradual"]) - 1, int(case["n_epoch"])
    found = [forget_rate(epoch / epochs, float(case["noise_rate"]), ramp / epochs, 1.0) for epoch in range(epochs)]
    np.testing.assert_allclose(found, case["out_coteaching_plus"], rtol=1e-12)


@pytest.mark.golden("forget_rate_schedules")
def test_jocor_does_not_halve_the_rate_where_the_authors_know_the_noise_to_be_asymmetric(case):
    rate = float(case["noise_rate"])
    assert case["out_jocor"][-1] == pytest.approx(rate / 2 if case["asymmetric"] else rate, rel=1e-12)
    assert schedule(case, int(case["num_gradual"]) - 1)[-1] == pytest.approx(rate, rel=1e-12)


def both(case, leaf):
    return leaf(np.stack([case["logits"], case["logits2"]]))


def plus_loss(case, logits, batch_of, tensor, **parameters):
    """The loss of the second phase at the case's own share to drop."""
    method = CoTeachingPlus(ramp=0.0, warmup=0.0, **parameters)
    return method.loss(batch_of(logits, tensor(case["labels"]), state=float(case["forget_rate"])))


def disagreement(case):
    return np.flatnonzero(case["logits"].argmax(1) != case["logits2"].argmax(1))


@pytest.mark.golden("coteaching_plus_loss")
def test_co_teaching_plus_learns_where_the_networks_disagree(case, batch_of, leaf, tensor):
    """Fed with softmax outputs and divided by the kept count again, the loss is the
    authors'.
    """
    members = disagreement(case)
    if len(case["out_disagree"]) < len(members):
        # A batch with index 0 of the data set loses its last disagreement there.
        np.testing.assert_array_equal(case["out_disagree"], members[:-1])
        return
    np.testing.assert_array_equal(case["out_disagree"], members)
    if len(members) == 0:
        return
    logits = both(case, leaf)
    loss = plus_loss(case, torch.softmax(logits, -1), batch_of, tensor, fewest=1)
    loss.backward()
    kept = kept_count(float(case["forget_rate"]), len(members))
    np.testing.assert_allclose(loss.item(), kept * (case["out_loss1"] + case["out_loss2"]), **TOLERANCE)
    theirs = kept * np.stack([case["out_grad1"], case["out_grad2"]])
    np.testing.assert_allclose(logits.grad, theirs, **TOLERANCE)


@pytest.mark.golden("coteaching_plus_loss")
def test_co_teaching_plus_takes_logits_and_skips_small_disagreement_sets(case, batch_of, leaf, tensor):
    logits, members = both(case, leaf), disagreement(case)
    loss = plus_loss(case, logits, batch_of, tensor)
    loss.backward()
    if len(members) < 4:
        assert loss.item() == pytest.approx(0.0, abs=1e-12)
        assert logits.grad is None
        return
    assert (logits.grad[:, np.setdiff1d(np.arange(len(case["labels"])), members)] == 0).all()
    kept = kept_count(float(case["forget_rate"]), len(members))
    plain = exchanged_losses(batch_of(logits, tensor(case["labels"])).losses[:, members], kept)
    assert loss.item() == pytest.approx(plain.item())


@pytest.mark.golden("coteaching_loss")
def test_co_teaching_plus_is_co_teaching_in_its_first_phase(case, batch_of, leaf, tensor):
    state = float(case["forget_rate"])
    batch = batch_of(both(case, leaf), tensor(case["labels"]), state=state, step=9, total_steps=100)
    plain, plus = CoTeaching().loss(batch), CoTeachingPlus(warmup=0.1).loss(batch)
    assert plus.item() == pytest.approx(plain.item(), rel=1e-12)


@pytest.mark.golden("jocor_loss")
def test_jocor_keeps_and_descends_what_the_authors_code_does(case, batch_of, leaf, tensor):
    method = JoCoR(ramp=0.0, agreement=float(case["co_lambda"]))
    logits = both(case, leaf)
    batch = batch_of(logits, tensor(case["labels"]), state=float(case["forget_rate"]))
    loss = method.loss(batch)
    loss.backward()
    joint = method.joint_losses(batch)
    np.testing.assert_allclose(joint.detach(), case["out_per_sample"], **TOLERANCE)
    np.testing.assert_array_equal(smallest(joint, method.kept(batch, len(joint))), case["out_kept"])
    np.testing.assert_allclose(loss.item(), case["out_loss"], **TOLERANCE)
    np.testing.assert_allclose(logits.grad, np.stack([case["out_grad1"], case["out_grad2"]]), **TOLERANCE)
