"""Noisy prediction calibration against numbers that the authors' own code computed; see
golden/PROVENANCE.md.
"""

import contextlib
import types

import numpy as np
import pytest
import torch

from benchmark.contracts import Outputs
from methods.npc import NoisyPredictionCalibration
from methods.shared.generative import model as generative
from methods.shared.generative.autoencoder import approximate_latent, dirichlet_divergence, gamma_divergence, posterior
from methods.shared.generative.model import GenerativeModel, GenerativeSettings, generative_loss
from methods.shared.neighbours.prediction_bank import most_confident, most_confident_votes
from methods.shared.neighbours.prior import concentration
from tests.support.golden_autoencoder import autoencoder

CLOSE = {"rtol": 1e-6, "atol": 1e-8}


def in_order(case):
    return torch.arange(len(case["logits"])), int(case["batch_size"])


@pytest.mark.golden("npc")
def test_bank_and_prior_classes_are_the_authors(case, tensor):
    probabilities = torch.softmax(tensor(case["logits"]), dim=1)
    assert len(most_confident(probabilities, *in_order(case))) == int(case["out_bank_size"])
    votes = most_confident_votes(tensor(case["emb"]), probabilities, *in_order(case), neighbours=10)
    np.testing.assert_array_equal(votes.argmax(1), case["out_prior_class"])
    members = most_confident(probabilities, *in_order(case)).numpy()
    others = np.setdiff1d(np.arange(len(votes)), members)
    np.testing.assert_allclose(votes[others], case["out_prior_proba"][others], rtol=1e-5, atol=1e-8)
    # Where an example meets itself, how near to 0 the distance comes is rounding, here as there.
    np.testing.assert_allclose(votes[members], case["out_prior_proba"][members], atol=1e-4)


def encoded(case, tensor):
    model = autoencoder(case)
    projected = model.project(tensor(case["feat"])[None])
    label = torch.nn.functional.one_hot(tensor(case["yhat_b"]), int(case["C"])).double()[None]
    return model, projected, label, model.encode(projected, label)


@pytest.mark.golden("npc")
def test_prior_and_inferred_concentrations_are_the_authors(case, tensor):
    with torch.no_grad():
        alpha = encoded(case, tensor)[3][0]
    np.testing.assert_allclose(alpha, case["out_alpha_infer"], **CLOSE)
    prior = concentration(tensor(case["prior_b"]), int(case["C"]), float(case["prior_norm"]))
    np.testing.assert_allclose(prior, case["out_alpha_prior"], **CLOSE)


@pytest.mark.golden("npc")
def test_loss_is_the_authors_in_their_forms_and_another_with_a_divergence_between_dirichlets(case, tensor):
    with torch.no_grad():
        model, projected, label, alpha = encoded(case, tensor)
        logits = model.decode(projected, approximate_latent(alpha, tensor(case["u"])))
        np.testing.assert_allclose(logits[0], case["out_recon_logits"], **CLOSE)
        prior = tensor(case["out_alpha_prior"])[None]
        found = {}
        for form in ("gamma", "dirichlet"):
            settings = GenerativeSettings(1, 32, 1e-3, divergence=form, divergence_weight=float(case["beta"]))
            found[form] = generative_loss(logits, label, alpha, prior, settings, 0.0).item()
        gap = (gamma_divergence(alpha, prior) - dirichlet_divergence(alpha, prior)).sum().item()
    np.testing.assert_allclose(found["gamma"], case["out_loss"], **CLOSE)
    np.testing.assert_allclose(found["gamma"] - found["dirichlet"], float(case["beta"]) * gap, rtol=1e-6)
    assert gap >= 0


@pytest.mark.golden("npc")
def test_posterior_is_the_authors(case, tensor):
    noisy = torch.softmax(tensor(case["test_logits"]), dim=1)
    model = autoencoder(case)
    with torch.no_grad():
        found = posterior(noisy[None], model.imagine(model.project(tensor(case["feat"])[None])))[0]
    np.testing.assert_allclose(found, case["out_posterior"], **CLOSE)
    accuracy = (found.argmax(1).numpy() == case["true_labels"]).mean()
    np.testing.assert_allclose(accuracy, float(case["out_acc"]), atol=1e-6)


class InOrder:
    """Stands in for a kit whose permutations leave the order."""

    device = torch.device("cpu")
    check_time = None

    def __init__(self, num_classes):
        self.num_classes = num_classes

    def generator(self, purpose):
        return types.SimpleNamespace(permutation=np.arange)

    def stream(self, purpose):
        return contextlib.nullcontext

    def phase(self, name):
        return contextlib.nullcontext()


def two_networks(probabilities, embedding):
    """Outputs whose mean prediction and whose last embedding are the given ones, and
    nothing else is.
    """
    uniform = np.full_like(probabilities, 1 / probabilities.shape[1])
    apart = 0.5 * np.minimum(probabilities, 1 - probabilities).min() * (uniform - probabilities)
    return Outputs(
        np.stack([probabilities + apart, probabilities - apart], axis=1), np.stack([-embedding, embedding], axis=1)
    )


@pytest.mark.golden("npc")
def test_calibration_learns_predictions_under_the_neighbours_prior_and_predicts_the_authors_posterior(
    case, tensor, monkeypatch
):
    asked, model = [], GenerativeModel(autoencoder(case), lambda trajectory: trajectory.double())

    def trained(*arguments):
        asked.append(arguments)
        yield 1.0, model

    monkeypatch.setattr(generative, "train_generative", trained)
    seen = Outputs(torch.softmax(tensor(case["logits"]), dim=1).numpy()[:, None], case["emb"][:, None])
    method = NoisyPredictionCalibration(batch_size=int(case["batch_size"]), prior_strength=float(case["prior_norm"]))
    (point,) = method.calibrate(InOrder(int(case["C"])), seen)
    (_, labels, priors, *_), *_ = asked
    np.testing.assert_array_equal(labels[0], case["y_hat"])
    wanted = concentration(tensor(case["out_prior_class"]), int(case["C"]), float(case["prior_norm"]))
    np.testing.assert_allclose(priors[0], wanted, rtol=1e-6)
    shown = two_networks(torch.softmax(tensor(case["test_logits"]), dim=1).numpy(), case["feat"])
    # Trajectories are float32 by their type.
    np.testing.assert_allclose(point.predict([shown])[:, 0], case["out_posterior"], rtol=1e-4, atol=1e-6)
