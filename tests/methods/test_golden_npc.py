"""Noisy prediction calibration against numbers that the authors' own code computed; see golden/PROVENANCE.md."""

import numpy as np
import pytest
import torch

from methods.engine.autoencoder import approximate_latent, dirichlet_divergence, gamma_divergence, posterior
from methods.engine.generative import GenerativeSettings, generative_loss
from methods.engine.neighbour_prior import concentration
from methods.engine.prediction_bank import most_confident, most_confident_votes
from tests.methods.golden_autoencoder import autoencoder

CLOSE = {"rtol": 1e-6, "atol": 1e-8}


def in_order(case):
    return torch.arange(len(case["logits"])), int(case["batch_size"])


@pytest.mark.golden("npc")
def test_bank_and_prior_classes_are_the_authors(case, tensor):
    probabilities = torch.softmax(tensor(case["logits"]), dim=1)
    assert len(most_confident(probabilities, *in_order(case))) == int(case["out_bank_size"])
    votes = most_confident_votes(tensor(case["emb"]), probabilities, *in_order(case), neighbours=10)
    np.testing.assert_array_equal(votes.argmax(1), case["out_prior_class"])
    np.testing.assert_allclose(votes, case["out_prior_proba"], rtol=1e-5, atol=2e-6)


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
    assert gap > 0.1


@pytest.mark.golden("npc")
def test_posterior_is_the_authors(case, tensor):
    noisy = torch.softmax(tensor(case["test_logits"]), dim=1)
    model = autoencoder(case)
    with torch.no_grad():
        found = posterior(noisy[None], model.imagine(model.project(tensor(case["feat"])[None])))[0]
    np.testing.assert_allclose(found, case["out_posterior"], **CLOSE)
    accuracy = (found.argmax(1).numpy() == case["true_labels"]).mean()
    np.testing.assert_allclose(accuracy, float(case["out_acc"]), atol=1e-2 if float(case["out_acc"]) > 1 else 1e-6)
