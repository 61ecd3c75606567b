"""SiDyP against numbers that its authors' own code computed; see
golden/PROVENANCE.md.
"""

import types

import numpy as np
import pytest
import torch

from methods.shared.neighbours.prior import neighbour_votes
from methods.sidyp import SiDyP, training
from methods.sidyp.diffusion import cosine_schedule, diffused, to_simplex
from methods.sidyp.prior import dynamic_prior
from methods.sidyp.training import Refinement, step_loss


@pytest.mark.golden("sidyp_prior")
def test_candidates_are_the_authors_where_at_most_one_class_is_absent(case, tensor):
    marked = tensor(case["markers"]) > 0
    votes = neighbour_votes(
        tensor(case["emb"]), tensor(case["labels"]), marked, int(case["C"]), neighbours=10, self_match=True
    )
    weights, uncertain = dynamic_prior(votes, float(case["certain"]), float(case["dominant"]))
    np.testing.assert_array_equal(uncertain, case["out_uncertain"] > 0)
    np.testing.assert_allclose(weights.sum(1), 1.0)
    # With two classes absent from the bank the authors' code loses columns of the votes.
    lost = np.abs(weights.numpy() - case["out_proba"]).max(1) > 1e-6
    assert lost.any() == (str(case["tag"]) == "two_absent")


@pytest.mark.golden("sidyp_diffusion")
def test_simplex_and_its_projection_are_the_authors(case, tensor):
    scale, classes = float(case["K"]), int(case["C"])
    np.testing.assert_allclose(to_simplex(tensor(case["labels"]), classes, scale), case["out_simplex"])
    np.testing.assert_allclose(to_simplex(tensor(case["logits"]).argmax(1), classes, scale), case["out_projected"])


@pytest.mark.golden("sidyp_diffusion")
def test_schedules_of_training_and_of_inference_are_the_authors(case):
    for steps, name in (("T", "out_alphas_cumprod"), ("Ti", "out_alphas_cumprod_inf")):
        np.testing.assert_allclose(cosine_schedule(int(case[steps])), case[name], rtol=1e-4, atol=1e-5)


@pytest.mark.golden("sidyp_diffusion")
def test_the_authors_steps_of_inference_lie_evenly_among_those_of_training(case):
    steps, taken = int(case["T"]), int(case["Ti"])
    spread = cosine_schedule(steps)[[j * steps // taken for j in range(taken)]]
    np.testing.assert_allclose(spread, case["out_alphas_cumprod_inf"], rtol=1e-3, atol=1e-4)


@pytest.mark.golden("sidyp_diffusion")
def test_noise_is_added_and_taken_off_as_the_authors_do(case, tensor):
    noise, scale, at = tensor(case["noise"]), float(case["K"]), int(case["t_step"])
    kept = cosine_schedule(int(case["T"]))[tensor(case["t"])].unsqueeze(1)
    noisy = diffused(to_simplex(tensor(case["labels"]), int(case["C"]), scale), noise, kept)
    np.testing.assert_allclose(noisy, case["out_noisy"], rtol=1e-4, atol=1e-4)
    before = cosine_schedule(int(case["Ti"]))[at - 1] if at else torch.ones(())
    projected = to_simplex(tensor(case["logits"]).argmax(1), int(case["C"]), scale)
    np.testing.assert_allclose(diffused(projected, noise, before), case["out_prev"], rtol=1e-4, atol=1e-4)


def learns_from_certain(case):
    """Whether the epoch of the case is one of the warm-up."""
    return int(case["epoch"]) < float(case["warmup_frac"]) * int(case["epochs"])


def refined_by(case, rounds):
    """The weights after one epoch in which the predictions are those of the file."""
    weights = torch.from_numpy(case["prior_weights"]).transpose(0, 1).clone()
    uncertain = torch.from_numpy(case["uncertain"] > 0).T
    refinement = Refinement(weights, uncertain, torch.zeros(weights.shape[1], dtype=torch.int64))
    tables = torch.from_numpy(case["reverse_simplex"])
    for m in range(len(weights)):
        shown = iter(tables[:, m].argmax(-1).expand(rounds, -1) if len(tables) == 1 else tables[:, m].argmax(-1))
        refinement.renew(m, torch.arange(weights.shape[1]), lambda rows, shown=shown: next(shown)[rows], rounds)
    return weights.transpose(0, 1)


@pytest.mark.golden("sidyp_refine")
def test_refined_weights_are_the_authors_of_rounds_that_agree_or_differ(case):
    found = case["prior_weights"] if learns_from_certain(case) else refined_by(case, int(case["num_sample"]))
    np.testing.assert_allclose(found, case["out_weights_after"], rtol=1e-12, atol=1e-15)


@pytest.mark.golden("sidyp_refine")
def test_rounds_that_all_agree_give_what_the_authors_give_whatever_their_number(case):
    if len(case["reverse_simplex"]) == 1:
        first, second = refined_by(case, 1), refined_by(case, 7)
        np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-15)


@pytest.mark.golden("sidyp_refine")
def test_learning_rate_rises_and_falls_as_the_authors_does(case):
    settings, size = SiDyP(learning_rate=1e-3, warmup=float(case["warmup_frac"])).settings(), len(case["out_lr"])
    done = [(int(case["epoch"]) + batch / size) / int(case["epochs"]) for batch in range(size)]
    np.testing.assert_allclose([settings.rate_at(share) for share in done], case["out_lr"], rtol=1e-6, atol=1e-12)


class Branch:
    """Stands in for a denoiser whose logits of each row are given."""

    def __init__(self, logits):
        self.logits = logits

    def project(self, rows):
        return rows

    def __call__(self, noisy, times, rows, label):
        return self.logits[rows]


def trained_epoch(case, monkeypatch, leaf):
    """Losses of the batches of one epoch and the gradient of its logits, where targets
    are those that the file says were drawn.
    """
    logits, drawn = leaf(case["logits"]), torch.from_numpy(case["out_target_used"])
    branches, rows = len(logits), np.arange(logits.shape[1])
    monkeypatch.setattr(training, "trajectory_rows", lambda _, batch: torch.from_numpy(batch).expand(branches, -1))
    model = types.SimpleNamespace(
        alphas=cosine_schedule(10), standardise=lambda rows: rows, denoisers=[Branch(of) for of in logits], scale=5.0
    )
    certain_alone = learns_from_certain(case)
    uncertain = (
        torch.from_numpy(case["uncertain"] > 0).T if certain_alone else torch.zeros_like(drawn, dtype=torch.bool)
    )
    weights = torch.nn.functional.one_hot(drawn.clamp_min(0), logits.shape[2]).double()
    refinement = Refinement(weights, uncertain, torch.zeros(len(rows), dtype=torch.int64))
    settings = SiDyP(stage_two_agreement=float(case["out_lambda_used"])).settings()
    size = int(case["batch"])
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    losses = [step_loss(model, None, batch, refinement, settings, refine=not certain_alone) for batch in batches]
    sum(losses).backward()
    return [loss.item() for loss in losses], logits.grad


@pytest.fixture
def as_the_authors_sum(monkeypatch):
    """Undoes our means: losses are sums over the batch, each times the weight of its
    target.
    """

    def undo(case):
        size, weights = int(case["batch"]), torch.from_numpy(case["out_weights_after"]).transpose(0, 1)
        batches = [weights[:, start : start + size] for start in range(0, weights.shape[1], size)]
        shown = iter([of_branch for batch in batches for of_branch in batch])
        mean, agreement = torch.nn.functional.cross_entropy, training.agreement

        def weighted_sum(logits, targets):
            losses = mean(logits, targets, reduction="none")
            return (next(shown).gather(1, targets.unsqueeze(1)).squeeze(1) * losses).sum()

        monkeypatch.setattr(torch.nn.functional, "cross_entropy", weighted_sum)
        monkeypatch.setattr(training, "agreement", lambda p: p.shape[1] * agreement(p))

    return undo


@pytest.mark.golden("sidyp_refine")
def test_losses_and_gradients_of_the_batches_are_the_authors_once_means_are_sums(
    case, monkeypatch, leaf, as_the_authors_sum
):
    if not learns_from_certain(case):
        as_the_authors_sum(case)
    losses, gradient = trained_epoch(case, monkeypatch, leaf)
    np.testing.assert_allclose(losses, case["out_batch_loss"], rtol=1e-6)
    np.testing.assert_allclose(gradient, case["out_grad_logits"], rtol=1e-6, atol=1e-9)


@pytest.mark.golden("sidyp_refine")
def test_our_loss_is_theirs_in_the_warm_up_and_smaller_after_it(case, monkeypatch, leaf):
    losses, _ = trained_epoch(case, monkeypatch, leaf)
    assert np.allclose(losses, case["out_batch_loss"], rtol=1e-6) == learns_from_certain(case)
    assert np.all(np.array(losses) <= case["out_batch_loss"] * (1 + 1e-6))
