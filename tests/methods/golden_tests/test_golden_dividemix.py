"""DivideMix against numbers that its authors' own code computed; see
golden/PROVENANCE.md.
"""

import contextlib
import types

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture

from benchmark.contracts import NoisyTexts
from benchmark.training.batch import TrainBatch
from methods.dividemix import DivideMix, Division
from methods.shared.mixtures import TwoComponents

TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}


def scaled(values):
    return (values - values.min()) / (values.max() - values.min())


def from_k_means(values, family="gaussian"):
    """The authors' mixture, which starts from k-means, in the form of ours."""
    column = scaled(values)[:, None]
    theirs = GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=0).fit(column)
    order = theirs.means_[:, 0].argsort()
    return TwoComponents(theirs.weights_[order], theirs.means_[order, 0], theirs.predict_proba(column)[:, order[1]])


def renewed(case):
    """The split where both networks say the same."""
    labels, division = case["labels"], Division(0.2, None, None)
    probabilities = np.repeat(softmax(case["logits"], axis=1)[:, None], 2, axis=1)
    view = types.SimpleNamespace(train=NoisyTexts([""] * len(labels), labels), num_classes=int(case["C"]))
    DivideMix().renew(division, probabilities, view, types.SimpleNamespace(device=torch.device("cpu")))
    return division.right.numpy()


@pytest.mark.golden("dividemix_gmm")
def test_mixture_sees_the_authors_losses(case, monkeypatch):
    seen = []
    monkeypatch.setattr("methods.dividemix.fit_two_components", lambda v, f: (seen.append(v), from_k_means(v))[1])
    renewed(case)
    assert len(seen) == 2
    np.testing.assert_allclose(scaled(seen[0]), case["out_norm_loss"], **TOLERANCE)


@pytest.mark.golden("dividemix_gmm")
def test_split_is_the_authors_when_the_mixture_starts_from_k_means(case, monkeypatch):
    monkeypatch.setattr("methods.dividemix.fit_two_components", from_k_means)
    for right in renewed(case):
        np.testing.assert_allclose(right, case["out_prob"], atol=1e-3)


@pytest.mark.golden("dividemix_gmm")
def test_split_without_draws_ranks_labels_as_the_authors_does(case):
    assert roc_auc_score(case["out_prob"] > 0.5, renewed(case)[0]) > 0.9


class Linear(torch.nn.Module):
    """The authors' linear network; rows hold both views side by side."""

    def __init__(self, weight, bias, width):
        super().__init__()
        self.weight, self.bias = (torch.nn.Parameter(torch.from_numpy(array.copy())) for array in (weight, bias))
        self.width, self.passes = width, 0

    def embed(self, rows):
        self.passes += 1
        return rows[:, (self.passes - 1) * self.width : self.passes * self.width]

    def classify(self, embedding):
        return embedding @ self.weight.T + self.bias


def places(case):
    """Where the authors' rows x1, x2, u1, u2 stand in ours, the first pass of all
    before the second.
    """
    known, guessed = len(case["x1"]), len(case["u1"])
    total = known + guessed
    x, u = np.arange(known), known + np.arange(guessed)
    return np.concatenate([x, total + x, u, total + u])


@pytest.fixture
def step(batch_of):
    """The first network's loss of one golden batch, with both networks' batch, method
    and networks.
    """

    def run(case):
        known, guessed = len(case["x1"]), len(case["u1"])
        networks = [Linear(case[f"W{m}"], case[f"b{m}"], case["x1"].shape[1]) for m in (1, 2)]
        at, partners = places(case), np.empty(2 * (known + guessed), dtype=np.int64)
        partners[at] = at[case["perm"]]
        draws = types.SimpleNamespace(beta=lambda *_: float(case["beta_draw"]), permutation=lambda _: partners)
        right = torch.cat([torch.from_numpy(case["w_x"]).float(), torch.zeros(guessed)])
        labels = np.concatenate([case["labels_x"], np.zeros(guessed, dtype=np.int64)])
        prior = torch.full((int(case["C"]),), 1 / int(case["C"]), dtype=torch.float64)
        warm_up, total = int(case["warm_up"]), 1_000
        division = Division(warm_up / total, draws, prior, right.expand(2, -1))
        batch = batch_of([None, None], torch.from_numpy(labels), state=division, step=int(case["epoch"]))
        rows = np.concatenate([np.concatenate([case[f"x{v}"], case[f"u{v}"]]) for v in (1, 2)], axis=1)
        batch = TrainBatch(
            **{
                **vars(batch),
                "encoded": torch.from_numpy(rows),
                "networks": networks,
                "streams": [contextlib.nullcontext] * 2,
                "total_steps": total,
            }
        )
        method = DivideMix(temperature=float(case["T"]), unlabelled_weight=float(case["lambda_u"]), ramp=16 / total)
        return method.divided_losses(batch), networks

    return run


@pytest.mark.golden("dividemix_step")
def test_loss_and_gradient_of_a_network_are_the_authors(case, step):
    losses, networks = step(case)
    losses[0].backward()
    np.testing.assert_allclose(losses[0].item(), case["out_loss"], **TOLERANCE)
    np.testing.assert_allclose(networks[0].weight.grad, case["out_gW1"], **TOLERANCE)
    np.testing.assert_allclose(networks[0].bias.grad, case["out_gb1"], **TOLERANCE)


@pytest.mark.golden("dividemix_step")
def test_a_networks_loss_leaves_the_other_network_alone(case, step):
    losses, networks = step(case)
    losses[0].backward()
    assert networks[1].weight.grad is None or not networks[1].weight.grad.any()


@pytest.mark.golden("dividemix_step")
def test_targets_are_the_authors(case):
    views = [np.concatenate([case[f"x{v}"], case[f"u{v}"]]) for v in (1, 2)]
    guesses = np.stack([[softmax(view @ case[f"W{m}"].T + case[f"b{m}"], axis=1) for m in (1, 2)] for view in views])
    known, guessed = len(case["x1"]), len(case["u1"])
    right = torch.cat([torch.from_numpy(case["w_x"]).float().double(), torch.zeros(guessed)]).expand(2, -1)
    labels = torch.from_numpy(np.concatenate([case["labels_x"], np.zeros(guessed, dtype=np.int64)]))
    targets = DivideMix(temperature=float(case["T"])).targets(torch.from_numpy(guesses), right, labels)
    np.testing.assert_allclose(targets[0, :known], case["out_targets_x"], **TOLERANCE)
    np.testing.assert_allclose(targets[0, known:], case["out_targets_u"], **TOLERANCE)


@pytest.mark.golden("dividemix_step")
def test_penalty_of_confidence_in_the_warm_up_is_the_authors_negative_entropy(case, batch_of, tensor):
    logits = tensor(case["x1"] @ case["W1"].T + case["b1"]).expand(2, -1, -1)
    batch = batch_of(logits, tensor(case["labels_x"]), state=Division(0.2, None, None))
    with_penalty, plain = (DivideMix(confidence_penalty=weight).loss(batch).item() for weight in (1.0, 0.0))
    np.testing.assert_allclose((with_penalty - plain) / 2, case["out_negentropy"], **TOLERANCE)
