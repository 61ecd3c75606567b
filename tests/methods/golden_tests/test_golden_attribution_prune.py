"""Attribution pruning against numbers that the code of RLAP's authors computed; see
golden/PROVENANCE.md.
"""

import types

import numpy as np
import pytest
import torch

import methods.attribution_prune as module
from benchmark.contracts import NoisyTexts, NoisyView, Outputs
from benchmark.contracts.views import Point
from methods.attribution_prune import AttributionPrune
from methods.attribution_prune.units import label_attributions, released_attributions, sensitivities, standardised

TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}


def of_one_class(case):
    """Labels under which centring within a class is centring."""
    return np.zeros(len(case["out_features"]), dtype=np.int64)


@pytest.mark.golden("rlap")
def test_released_attributions_are_the_authors_and_standardised_they_are_the_activations(case):
    activations = np.maximum(case["out_features"], 0)
    found = released_attributions(activations, case["W2"])
    np.testing.assert_allclose(found, case["out_attributions"], **TOLERANCE)
    np.testing.assert_allclose(standardised(found), case["out_standardised"], **TOLERANCE)
    np.testing.assert_allclose(standardised(activations), case["out_standardised"], **TOLERANCE)


@pytest.mark.golden("rlap")
def test_ours_depend_on_the_given_label_and_the_authors_do_not(case):
    activations, count = np.maximum(case["out_features"], 0), len(case["W2"])
    of_class = [label_attributions(activations, case["W2"], np.full(len(activations), k)) for k in range(count)]
    assert not np.allclose(of_class[0], of_class[1])
    np.testing.assert_allclose(np.abs(np.max(of_class, axis=0)), case["out_attributions"], **TOLERANCE)


@pytest.mark.golden("rlap")
def test_weights_of_the_regression_on_the_examples_own_component_are_the_authors(case):
    features, wrong = case["out_features"], 1.0 - case["out_cluster"]
    found = sensitivities(features, wrong, of_one_class(case), penalty=0.0)
    # Ours are of standardised units, so that a unit of small values is not preferred.
    np.testing.assert_allclose(found / features.std(axis=0), np.abs(case["out_w_from_own_cluster"]), **TOLERANCE)


@pytest.mark.golden("rlap")
def test_the_authors_regress_the_component_of_another_row(case):
    own = case["out_cluster"] == 0
    assert (case["out_target_official"] != own).mean() > 0.1
    np.testing.assert_array_equal(case["out_target_official"], own[case["labels"]])


class Head(torch.nn.Module):
    """The last layer of the golden file, of float64."""

    def __init__(self, case):
        super().__init__()
        self.last = torch.nn.Linear(case["W2"].shape[1], len(case["W2"]), dtype=torch.float64)
        self.last.weight.data = torch.from_numpy(case["W2"])
        self.last.bias.data = torch.from_numpy(case["b2"])

    def embed(self, encoded):
        return encoded

    def classify(self, embedding):
        return self.last(embedding)


class Scripted:
    """A trainer whose network has embedded the training set as the golden file says."""

    device, recipe = torch.device("cpu"), types.SimpleNamespace(epochs=2)

    def __init__(self, case, embeddings):
        self.case, self.embeddings = case, embeddings

    def networks(self, count):
        return [Head(self.case)]

    def phase(self, name):
        return torch.no_grad()

    def evaluate(self, networks, embedding=False):
        shown = torch.from_numpy(self.embeddings)
        with torch.no_grad():
            probabilities = networks[0].classify(shown).softmax(-1)
        return Outputs(probabilities[:, None].numpy(), self.embeddings[:, None])

    def train(self, networks, loss, *, state, before_epoch, **rest):
        for epoch in range(self.recipe.epochs):
            before_epoch(epoch)
        (self.network,) = networks
        yield Point(fraction=1.0)


def fitted(case, embeddings, monkeypatch):
    """A training that is told the authors' components: what it would have parted, and
    which units it keeps, for rows in another order.
    """
    order, parted = np.random.default_rng(0).permutation(len(embeddings)), []

    def told(features, losses, labels):
        parted.append(features)
        return case["out_cluster"][order].astype(np.float64)

    monkeypatch.setattr(module, "probability_right", told)
    trainer = Scripted(case, embeddings[order])
    texts = NoisyTexts([""] * len(order), of_one_class(case))
    share = float(case["k_prune"]) / embeddings.shape[1]
    method = AttributionPrune(partition="released", penalty=0.0, prune=share)
    list(method.fit(NoisyView(texts, texts, len(case["W2"])), trainer))
    return order, parted[0], trainer.network.kept.numpy()


@pytest.mark.golden("rlap")
def test_fit_parts_what_the_authors_part_in_whatever_order_the_rows_come(case, monkeypatch):
    order, parted, _ = fitted(case, np.maximum(case["out_features"], 0), monkeypatch)
    np.testing.assert_allclose(parted, case["out_standardised"][order], **TOLERANCE)


@pytest.mark.golden("rlap")
def test_fit_prunes_the_units_of_the_largest_weights_in_whatever_order_the_rows_come(case, monkeypatch):
    _, _, kept = fitted(case, case["out_features"], monkeypatch)
    largest = np.argsort(-np.abs(case["out_w_from_own_cluster"]) * case["out_features"].std(axis=0))
    assert sorted(np.flatnonzero(kept == 0)) == sorted(largest[: int(case["k_prune"])])
