"""DyGen end to end: what the authors' pipeline computed, part by part, given the same
inputs; see golden/PROVENANCE.md.

The authors' centroids read clean validation and test labels. Each part is compared on
the authors' own inputs.
"""

import contextlib

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.training.batch import TrainBatch
from benchmark.training.recipes import FINE_TUNED
from methods.dygen.dynamics import centroids, class_distances, dynamics_score, mark_suspects
from methods.shared.co_regularised import CoRegularised, sawtooth
from methods.shared.generative.autoencoder import posterior
from methods.shared.neighbours.prior import neighbour_votes
from tests.support.golden_autoencoder import autoencoder

pytestmark = pytest.mark.golden("dygen_end_to_end")

CLOSE = {"rtol": 1e-4, "atol": 1e-6}


class TinyNetwork(nn.Module):
    """The stand-in encoder of the golden run: mean of token vectors, one tanh layer,
    one linear layer.
    """

    def __init__(self, case, branch):
        super().__init__()
        for name in ("E", "A", "a", "Wc", "b"):
            setattr(self, name, nn.Parameter(torch.from_numpy(case[name][branch].copy())))

    def embed(self, encoded):
        ids, mask = encoded
        mean = (self.E[ids] * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        return torch.tanh(mean @ self.A.T + self.a)

    def classify(self, embedding):
        return embedding @ self.Wc.T + self.b


def encoded(case, split, rows=slice(None)):
    return torch.from_numpy(case[f"ids_{split}"][rows]), torch.from_numpy(case[f"mask_{split}"][rows])


def stage_one(case):
    """Our stage-one loss on the authors' batches and learning rates.

    Gives losses and test trajectories.
    """
    epochs, size = int(case["epochs"]), int(case["batch"])
    labels = torch.from_numpy(case["ny_train"])
    networks = [TinyNetwork(case, branch) for branch in range(len(case["E"]))]
    parameters = [p for network in networks for p in network.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=1.0, eps=1e-9)
    # The authors switch the agreement on after whole epochs, a tenth of them rounded down.
    training = CoRegularised(agreement=float(case["alpha_hi"]), warmup=(epochs // 10) / epochs)
    losses, shown, step = [], [], 0
    for epoch in range(epochs):
        for start in range(0, len(labels), size):
            rows = np.arange(start, min(start + size, len(labels)))
            batch = TrainBatch(
                encoded=encoded(case, "train", rows),
                rows=torch.from_numpy(rows),
                noisy_labels=labels[rows],
                networks=networks,
                streams=[contextlib.nullcontext] * len(networks),
                epoch=epoch,
                step=step,
                total_steps=len(case["out_lr"]),
                state=None,
            )
            loss = training.loss(batch)
            losses.append(loss.item())
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.param_groups[0]["lr"] = float(case["out_lr"][step])
            optimiser.step()
            step += 1
        with torch.no_grad():
            shown.append([network.embed(encoded(case, "test")) for network in networks])
    with torch.no_grad():
        logits = [network.classify(network.embed(encoded(case, "test"))) for network in networks]
    return np.array(losses), np.stack([np.stack(branch) for branch in zip(*shown, strict=True)]), np.stack(logits)


def test_stage_one_on_the_authors_batches_and_learning_rates_gives_their_losses_and_trajectories(case):
    losses, trajectories, logits = stage_one(case)
    np.testing.assert_allclose(losses, case["out_loss1"], **CLOSE)
    np.testing.assert_allclose(trajectories, case["out_z_test"], **CLOSE)
    np.testing.assert_allclose(logits, case["out_final_logits_test"], **CLOSE)


def test_learning_rate_falls_to_near_zero_where_the_authors_restarts_each_epoch_and_stays_high(case):
    total = len(case["out_lr"])
    ours = np.array([FINE_TUNED.learning_rate_at(step, total) for step in range(total)])
    assert (np.diff(ours[ours.argmax() :]) <= 0).all()
    lost = 1.0 - ours[-1] / ours.max()
    assert 1.0 - case["out_lr"][-1] / case["out_lr"].max() < lost


def joined(case):
    return np.concatenate([case["out_z_train"], case["out_z_val"], case["out_z_test"]], axis=2)


def _distances(embedding, index, classes):
    return class_distances(embedding, centroids(embedding[: len(index)], index, classes))


def distances(embeddings, labels, classes):
    """Distances (M, E, N, C) to centroids made from the given labels of the first
    rows.
    """
    index = torch.from_numpy(labels)
    return np.stack(
        [[_distances(torch.from_numpy(e), index, classes).numpy() for e in branch] for branch in embeddings]
    )


def test_distances_are_the_authors_with_the_clean_validation_and_test_labels_that_they_leak(case):
    classes = int(case["C"])
    leaked = np.concatenate([case["ny_train"], case["y_val"], case["y_test"]])
    np.testing.assert_allclose(distances(joined(case), leaked, classes), case["out_dists"], rtol=1e-5, atol=1e-6)


def test_scores_and_marks_follow_from_the_authors_distances(case):
    labels = np.concatenate([case["ny_train"], case["ny_val"]])
    score = dynamics_score(case["out_dists"][:, :, np.arange(len(labels)), labels])
    np.testing.assert_allclose(score, case["out_score"], **CLOSE)
    rate = float(case["noise_ratio"])
    marked = np.stack([mark_suspects(branch, rate) for branch in score])
    np.testing.assert_array_equal(marked, case["out_markers"] == 1)


def test_prior_classes_follow_from_the_authors_marks_and_first_embeddings_with_self_match(case):
    labels = np.concatenate([case["ny_train"], case["ny_val"]])
    theirs = np.concatenate([case["out_prior_train"], case["out_prior_val"]])
    for branch in range(len(case["E"])):
        first = np.concatenate([case["out_z_train"][branch, 0], case["out_z_val"][branch, 0]])
        marked = torch.from_numpy(case["out_markers"][branch] == 1)
        inputs = torch.from_numpy(first), torch.from_numpy(labels), marked, int(case["C"])
        votes = neighbour_votes(*inputs, self_match=True)
        np.testing.assert_array_equal(votes.argmax(1), theirs[:, branch])


def test_posterior_follows_from_the_authors_trained_autoencoders(case):
    found = []
    for branch in range(len(case["E"])):
        trajectory = torch.from_numpy(np.concatenate(list(case["out_z_test"][branch]), axis=1))
        model = autoencoder(case, branch, ("out_We_final", "out_be_final", "out_Wd_final", "out_bd_final"))
        with torch.no_grad():
            noisy = torch.softmax(torch.from_numpy(case["out_final_logits_test"][branch]), dim=1)
            found.append(posterior(noisy, model.imagine(model.project(trajectory[None]))[0]).numpy())
    merged = np.mean(found, axis=0)
    np.testing.assert_allclose(merged, case["out_posterior"], **CLOSE)
    np.testing.assert_array_equal(merged.argmax(1), case["out_pred"])


def test_the_sawtooth_is_the_authors_learning_rate(case):
    """Their counter is set back to the clean validation accuracy, which is not read
    here: a shift of under one step.
    """
    total, epochs = len(case["out_lr"]), int(case["epochs"])
    peak = float(case["lr"])
    found = np.array([peak * sawtooth(step, total, epochs) for step in range(total)])
    slope = peak / (int(0.06 * total) or total)
    assert np.abs(found - case["out_lr"]).max() <= slope + 1e-12
