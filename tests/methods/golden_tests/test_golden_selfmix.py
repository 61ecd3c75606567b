"""SelfMix against numbers that its authors' own code computed; see
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
from methods.selfmix import SelfMix, Split, label_losses, pseudo_loss, standardised_by_label, view_divergence
from methods.shared.mixing import Mixing, sharpen
from methods.shared.mixtures import TwoComponents

TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}


def scaled(values):
    return (values - values.min()) / (values.max() - values.min())


def losses_of(case):
    """Our losses, and the authors', which are ours of probabilities that went through
    softmax once more.
    """
    probabilities = softmax(case["logits"], axis=1)
    return (label_losses(p, case["labels"]) for p in (probabilities, softmax(probabilities, axis=1)))


@pytest.mark.golden("selfmix_gmm")
def test_losses_are_plain_where_the_authors_take_softmax_twice_which_bounds_them(case):
    ours, theirs = losses_of(case)
    np.testing.assert_allclose(scaled(theirs), case["out_norm_loss"], **TOLERANCE)
    plain = -torch.from_numpy(case["logits"]).log_softmax(1).numpy()[np.arange(len(ours)), case["labels"]]
    np.testing.assert_allclose(ours, plain, **TOLERANCE)
    assert theirs.max() - theirs.min() <= 1.0


@pytest.mark.golden("selfmix_gmm")
def test_losses_by_label_have_deviation_one_where_the_authors_divide_by_the_variance(case):
    _, theirs = losses_of(case)
    labels, classes = case["labels"], int(case["C"])
    ours = standardised_by_label(theirs, labels, classes)
    deviation = np.array([theirs[labels == k].std() if (labels == k).any() else 1.0 for k in range(classes)])
    np.testing.assert_allclose(ours / deviation[labels], case["out_norm_loss_class_reg"], **TOLERANCE)
    for k in np.unique(labels):
        assert ours[labels == k].std() == pytest.approx(1.0)
        assert case["out_norm_loss_class_reg"][labels == k].std() == pytest.approx(1.0 / deviation[k])


def from_k_means(values, family="gaussian"):
    """The authors' mixture, which starts from k-means, in the form of ours."""
    column = scaled(values)[:, None]
    theirs = GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=0).fit(column)
    order = theirs.means_[:, 0].argsort()
    return TwoComponents(theirs.weights_[order], theirs.means_[order, 0], theirs.predict_proba(column)[:, order[1]])


def renewed(case, **options):
    """The split by what the authors' code takes for the network's word, which went
    through softmax twice.
    """
    labels, split = case["labels"], Split(int(case["C"]), None)
    probabilities = softmax(softmax(case["logits"], axis=1), axis=1)
    view = types.SimpleNamespace(train=NoisyTexts([""] * len(labels), labels), num_classes=int(case["C"]))
    SelfMix(**options).renew(split, probabilities, view, types.SimpleNamespace(device=torch.device("cpu")))
    return split


@pytest.mark.golden("selfmix_gmm")
def test_split_is_the_authors_when_the_mixture_starts_from_k_means(case, monkeypatch):
    monkeypatch.setattr("methods.selfmix.fit_two_components", from_k_means)
    split = renewed(case)
    np.testing.assert_allclose(split.right, case["out_prob"], atol=1e-3)
    sure = np.abs(case["out_prob"] - 0.5) > 1e-3
    np.testing.assert_array_equal(split.believed[sure], case["out_prob"][sure] > 0.5)


@pytest.mark.golden("selfmix_gmm")
def test_split_by_label_sees_the_losses_beside_others_of_the_label(case, monkeypatch):
    seen = []
    monkeypatch.setattr("methods.selfmix.fit_two_components", lambda v, f: (seen.append(v), from_k_means(v))[1])
    renewed(case, by_label=True)
    _, theirs = losses_of(case)
    np.testing.assert_allclose(seen[0], standardised_by_label(theirs, case["labels"], int(case["C"])), **TOLERANCE)


@pytest.mark.golden("selfmix_gmm")
def test_split_without_draws_ranks_labels_as_the_authors_does(case):
    assert roc_auc_score(case["out_prob"] > 0.5, renewed(case).right) > 0.9


class Scripted(torch.nn.Module):
    """Stands in for a network: rows hold both dropout passes and the logits of
    evaluation mode, side by side.
    """

    def __init__(self, case):
        super().__init__()
        self.weight, self.bias = (
            torch.nn.Parameter(torch.tensor(case[name], dtype=torch.float64)) for name in ("Wc", "bc")
        )
        self.width, self.passes = case["ex"].shape[1], 0

    def embed(self, rows):
        if not self.training:
            return rows[:, 2 * self.width :]
        self.passes += 1
        return rows[:, (self.passes - 1) * self.width : self.passes * self.width]

    def classify(self, embedding):
        return embedding @ self.weight.T + self.bias if self.training else embedding


@pytest.fixture
def step(batch_of):
    """The loss of one golden batch, labelled rows first, and the network that it was
    taken of.
    """

    def run(case, **options):
        network = Scripted(case)
        labelled, unlabelled = len(case["ex"]), len(case["eu1"])
        known = np.concatenate([case["ex"], np.zeros_like(case["ex"]), np.zeros((labelled, int(case["C"])))], axis=1)
        guessed = np.concatenate([case["eu1"], case["eu2"], case["u_eval"]], axis=1)
        labels = np.concatenate([case["labels_x"], np.zeros(unlabelled, dtype=np.int64)])
        draws = types.SimpleNamespace(beta=lambda *_: float(case["beta_draw"]), permutation=lambda _: case["perm"])
        believed = torch.arange(labelled + unlabelled) < labelled
        batch = batch_of([None], torch.from_numpy(labels), state=Split(int(case["C"]), draws, believed=believed))
        batch = batch.__class__(
            **{
                **vars(batch),
                "encoded": torch.from_numpy(np.concatenate([known, guessed])),
                "networks": [network],
                "streams": [contextlib.nullcontext],
            }
        )
        method = SelfMix(
            temperature=float(case["temp"]),
            pseudo_weight=float(case["lambda_p"]),
            divergence_weight=float(case["lambda_r"]),
            **options,
        )
        return method.loss(batch), network

    return run


@pytest.mark.golden("selfmix_step")
def test_loss_and_gradient_with_the_least_likely_class_are_the_authors(case, step):
    loss, network = step(case, pseudo="min")
    loss.backward()
    np.testing.assert_allclose(loss.item(), case["out_loss"], **TOLERANCE)
    np.testing.assert_allclose(network.weight.grad, case["out_gW"], **TOLERANCE)
    np.testing.assert_allclose(network.bias.grad, case["out_gb"], **TOLERANCE)


@pytest.mark.golden("selfmix_step")
def test_loss_raises_the_likeliest_class_where_the_authors_raise_the_least_likely(case, step):
    views = two_views(case)
    ours, theirs = pseudo_loss(views, "max").item(), pseudo_loss(views, "min").item()
    np.testing.assert_allclose(theirs, case["out_pse_loss"], **TOLERANCE)
    assert ours < theirs
    expected = float(case["out_loss"]) + float(case["lambda_p"]) * (ours - theirs)
    np.testing.assert_allclose(step(case)[0].item(), expected, **TOLERANCE)


def two_views(case):
    logits = [case[name] @ case["Wc"].T + case["bc"] for name in ("eu1", "eu2")]
    return torch.from_numpy(np.stack(logits)).log_softmax(-1)


@pytest.mark.golden("selfmix_step")
def test_divergence_of_views_is_the_authors_sum_over_the_batch(case):
    np.testing.assert_allclose(view_divergence(two_views(case)).item(), case["out_kl_loss"], **TOLERANCE)


@pytest.mark.golden("selfmix_step")
def test_sharpened_and_mixed_targets_are_the_authors(case, tensor):
    guessed = sharpen(tensor(case["u_eval"]).softmax(-1), float(case["temp"]))
    np.testing.assert_allclose(guessed, case["out_targets_u"], **TOLERANCE)
    one_hot = torch.nn.functional.one_hot(tensor(case["labels_x"]), int(case["C"])).double()
    draws = types.SimpleNamespace(beta=lambda *_: float(case["beta_draw"]), permutation=lambda _: case["perm"])
    mixing = Mixing.drawn(draws, len(case["perm"]), 0.75, torch.device("cpu"))
    np.testing.assert_allclose(mixing(torch.cat([one_hot, guessed])), case["out_mixed_targets"], **TOLERANCE)
    mixed = mixing(tensor(np.concatenate([case["ex"], case["eu1"]])))
    np.testing.assert_allclose(mixed.numpy() @ case["Wc"].T + case["bc"], case["out_logits"], **TOLERANCE)
