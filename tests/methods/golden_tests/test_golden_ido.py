"""IDO against numbers that its authors' own code computed; see golden/PROVENANCE.md."""

import numpy as np
import pytest
import torch

from methods.ido import Difficulty, view_terms, weighted_loss
from methods.shared.beta_mixture import MARGIN, BetaMixture, scaled_counts

TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}
FIT = {"rtol": 1e-5, "atol": 1e-7}


def fitted_twice(case):
    values = scaled_counts(case["wrong_event"])
    first = BetaMixture.initial().fitted(values, int(case["iters1"]))
    return first, first.fitted(values, int(case["iters2"]))


@pytest.mark.golden("ido")
def test_mixture_is_the_authors_after_the_first_fit_and_after_going_on(case):
    for number, mixture in enumerate(fitted_twice(case), start=1):
        for name in ("alphas", "betas", "weights"):
            np.testing.assert_allclose(getattr(mixture, name), case[f"out_{name}{number}"], **FIT)


@pytest.mark.golden("ido")
def test_posteriors_and_distributions_of_new_counts_are_the_authors_but_for_1e_6_in_their_normaliser(case):
    known = case["wrong_event"]
    values = np.clip((case["new_wrong"] - known.min()) / (known.max() - known.min()), MARGIN, 1 - MARGIN)
    mixture, _ = fitted_twice(case)
    posteriors, distributions = mixture.posteriors(values), mixture.distributions(values)
    np.testing.assert_allclose(posteriors.sum(axis=0), 1.0, rtol=1e-12)
    for k in (0, 1):
        np.testing.assert_allclose(posteriors[k], normalised_posteriors(case)[k], **FIT)
        np.testing.assert_allclose(distributions[k], case[f"out_cdf{k + 1}"], rtol=1e-5, atol=1e-6)


def normalised_posteriors(case):
    """The authors' posteriors of both components without what they add to the
    normaliser, (2, B).
    """
    theirs = np.stack([case["out_post1"], case["out_post2"]])
    return theirs / theirs.sum(axis=0)


@pytest.mark.golden("ido")
def test_weights_of_the_examples_are_the_authors_by_their_counts(case):
    counts, (clean, wrong) = case["wrong_event"], normalised_posteriors(case)
    state = Difficulty(torch.zeros(len(counts), dtype=torch.int64))
    state.events.counts = torch.from_numpy(counts.copy())
    state.model(int(case["iters1"]))
    distance = clean * case["out_cdf1"] + (1 - wrong) * (1 - case["out_cdf2"])
    for number, count in enumerate(case["new_wrong"]):
        rows = np.flatnonzero(counts == count)
        np.testing.assert_allclose(state.weights.label[rows], clean[number], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(state.weights.distance[rows], distance[number], rtol=1e-4, atol=2e-6)


def parts_of(case, leaf, tensor):
    logits = leaf(case["logits_a"]), leaf(case["logits_b"])
    label = tensor(case["out_post1"])
    distance = label * tensor(case["out_cdf1"]) + (1 - tensor(case["out_post2"])) * (1 - tensor(case["out_cdf2"]))
    return logits, view_terms(*logits, tensor(case["labels"])), label, distance


@pytest.mark.golden("ido")
def test_terms_are_the_authors_once_confidences_and_entropies_are_multiplied_all_by_all(case, leaf, tensor):
    logits, terms, label, distance = parts_of(case, leaf, tensor)
    all_by_all = (terms.confidence[:, None] * ((1 - label) * terms.entropy)[None]).mean()
    theirs = (label * terms.cross_entropy + distance * terms.distance).mean() + all_by_all
    theirs.backward()
    np.testing.assert_allclose(theirs.item(), case["out_loss"], **TOLERANCE)
    for view, name in zip(logits, "ab", strict=True):
        np.testing.assert_allclose(view.grad, case[f"out_grad_{name}"], **TOLERANCE)


@pytest.mark.golden("ido")
def test_each_entropy_is_weighed_by_its_own_confidence_which_is_the_authors_for_a_batch_of_one(case, leaf, tensor):
    logits, terms, label, distance = parts_of(case, leaf, tensor)
    loss = weighted_loss(terms, label, distance)
    loss.backward()
    own = ((1 - label) * terms.confidence * terms.entropy).mean().item()
    mixed = (terms.confidence.mean() * ((1 - label) * terms.entropy).mean()).item()
    np.testing.assert_allclose(loss.item(), float(case["out_loss"]) + own - mixed, **TOLERANCE)
    if len(label) == 1:
        np.testing.assert_allclose(logits[0].grad, case["out_grad_a"], **TOLERANCE)
