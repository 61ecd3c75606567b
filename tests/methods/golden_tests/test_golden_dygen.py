"""DyGen's parts against numbers that the authors' own code computed; see
golden/PROVENANCE.md.
"""

import numpy as np
import pytest
import torch

from methods.dygen.dynamics import centroids, class_distances, dynamics_score, mark_suspects, own_distances
from methods.shared.generative.autoencoder import (
    approximate_latent,
    dirichlet_divergence,
    dirichlet_latent,
    mode,
    posterior,
)
from methods.shared.generative.model import GenerativeSettings, generative_loss
from methods.shared.losses import agreement
from methods.shared.neighbours.prior import concentration, neighbour_votes, soft_concentration
from tests.support.golden_autoencoder import autoencoder

CLOSE = {"rtol": 1e-6, "atol": 1e-9}
NEIGHBOURS = 10


@pytest.mark.golden("dygen_distance")
def test_distances_to_centroids_are_the_authors_but_finite_for_a_class_without_members(case, tensor):
    known = case["labels"] >= 0
    embeds, labels = tensor(case["embeds"][known]), tensor(case["labels"][known])
    theirs = case["out_dists"]
    found = class_distances(embeds, centroids(embeds, labels, theirs.shape[1])).numpy()
    absent = np.bincount(labels, minlength=theirs.shape[1]) == 0
    assert np.isnan(theirs[:, absent]).all()
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:, ~absent], theirs[:, ~absent], rtol=1e-6, atol=1e-6)
    overall = torch.linalg.vector_norm(embeds - embeds.mean(0), dim=1)
    np.testing.assert_allclose(found[:, absent], overall[:, None].expand(-1, absent.sum()), rtol=1e-6, atol=1e-6)


@pytest.mark.golden("dygen_distance")
def test_distances_to_the_own_class_are_the_authors(case, tensor):
    known = case["labels"] >= 0
    labels = case["labels"][known]
    embeds = tensor(case["embeds"][known])
    found = own_distances(embeds, tensor(labels), centroids(embeds, tensor(labels), case["out_dists"].shape[1]))
    np.testing.assert_allclose(found, case["out_dists"][np.arange(len(labels)), labels], **CLOSE)


@pytest.mark.golden("dygen_dynamics_score")
def test_dynamics_score_and_marked_examples_are_the_authors(case):
    labels = np.concatenate([case["noisy_train_labels"], case["noisy_validation_labels"]])
    rows = np.arange(len(labels))
    score = dynamics_score(case["dists_list"][:, :, rows, labels])
    np.testing.assert_allclose(score, case["out_score"], rtol=1e-6)
    for branch, markers in zip(score, case["out_markers"], strict=True):
        np.testing.assert_array_equal(mark_suspects(branch, float(case["noise_ratio"])), markers == 1)


def prior_inputs(case, tensor, branch):
    """First-epoch embeddings, noisy labels and marks of training and validation, as the
    authors join them.
    """
    embedding = np.concatenate([case["z_train"][branch, 0], case["z_val"][branch, 0]])
    labels = np.concatenate([case["noisy_train_labels"], case["noisy_validation_labels"]])
    return tensor(embedding), tensor(labels), tensor(case["markers"][branch] == 1)


@pytest.mark.golden("dygen_knn_prior")
def test_neighbour_votes_with_self_match_are_the_authors(case, tensor):
    for branch in range(len(case["markers"])):
        inputs = prior_inputs(case, tensor, branch)
        votes = neighbour_votes(*inputs, int(case["C"]), NEIGHBOURS, self_match=True).numpy()
        np.testing.assert_array_equal(votes.argmax(1), case["out_class"][branch])
        marked = inputs[2].numpy()
        np.testing.assert_allclose(votes[marked], case["out_proba"][branch][marked], rtol=1e-6, atol=1e-9)
        # Where an example meets itself, how near to 0 the distance comes is rounding, here as there.
        np.testing.assert_allclose(votes[~marked], case["out_proba"][branch][~marked], atol=1e-4)


@pytest.mark.golden("dygen_knn_prior")
def test_neighbour_votes_agree_on_marked_rows_and_ask_all_others_on_unmarked_ones_that_the_authors_let_match_themselves(
    case, tensor
):
    classes = int(case["C"])
    for branch in range(len(case["markers"])):
        embedding, labels, marked = prior_inputs(case, tensor, branch)
        votes = neighbour_votes(embedding, labels, marked, classes, NEIGHBOURS).numpy()
        np.testing.assert_allclose(votes[marked], case["out_proba"][branch][marked], rtol=1e-6, atol=1e-9)
        for row in np.flatnonzero(~marked):
            others = torch.arange(len(labels)) != row
            given = embedding[others], labels[others], marked[others]
            asked = neighbour_votes(*given, classes, NEIGHBOURS, queries=embedding[[row]])[0]
            # Of an exact duplicate, too, the distance is rounding.
            np.testing.assert_allclose(votes[row], asked, rtol=1e-6, atol=1e-4)


@pytest.mark.golden("dygen_dirichlet_prior")
def test_prior_concentration_is_the_authors_hard_and_soft(case, tensor):
    classes, strength = int(case["C"]), float(case["prior_norm"])
    hard = concentration(tensor(case["y_class"]), classes, strength)
    np.testing.assert_allclose(hard, case["out_alpha_onehot"], rtol=1e-6)
    soft = soft_concentration(tensor(case["y_proba"]), strength)
    np.testing.assert_allclose(soft, case["out_alpha_proba_full"], rtol=1e-12)


@pytest.mark.golden("dygen_cvae")
def test_autoencoder_gives_the_authors_concentrations_and_decoder_logits(case, tensor):
    model = autoencoder(case)
    label, latent = tensor(case["y_onehot"])[None], tensor(case["latent"])[None]
    with torch.no_grad():
        projected = model.project(tensor(case["w"])[None])
        alpha, logits = model.encode(projected, label)[0], model.decode(projected, latent)[0]
    np.testing.assert_allclose(logits, case["out_dec_logits"], **CLOSE)
    if float(case["softplus_beta"]) == 1.0:
        np.testing.assert_allclose(alpha, case["out_alpha"].clip(1 + 1e-4, 1e4), **CLOSE)
    else:
        # The sharpness of softplus is fixed at 1 here.
        sharpness, surplus = float(case["softplus_beta"]), 1.0 + 1.0 / model.num_classes
        linear = tensor(case["w"]) @ model.weights[0, : model.num_classes].T + label[0] @ model.label_weights[0].T
        linear = (linear + model.biases[0, 0, : model.num_classes]).detach()
        plain = torch.nn.functional.softplus(linear) + surplus
        np.testing.assert_allclose(alpha, plain.clip(1 + 1e-4, 1e4), **CLOSE)
        theirs = torch.nn.functional.softplus(linear, beta=sharpness) + surplus
        np.testing.assert_allclose(theirs, case["out_alpha"], **CLOSE)


@pytest.mark.golden("dygen_cvae")
def test_latents_lie_on_the_simplex_and_the_approximate_ones_are_the_authors_which_do_not(case, tensor):
    alpha = tensor(case["out_alpha"])
    with torch.random.fork_rng(devices=[]):
        latent = dirichlet_latent(alpha)
    np.testing.assert_allclose(latent.sum(1), 1.0, rtol=1e-9)
    theirs = approximate_latent(alpha, tensor(case["u"]))
    np.testing.assert_allclose(theirs, case["out_z"], rtol=1e-6)


@pytest.mark.golden("dygen_cvae")
def test_decoder_logits_of_approximate_latents_are_the_authors(case, tensor):
    model = autoencoder(case)
    with torch.no_grad():
        logits = model.decode(model.project(tensor(case["w"])[None]), tensor(case["out_z"])[None])[0]
    np.testing.assert_allclose(logits, case["out_forward_logits"], **CLOSE)


def settings(case, divergence):
    return GenerativeSettings(
        epochs=1,
        batch_size=8,
        learning_rate=1e-3,
        divergence=divergence,
        likelihood="bernoulli",
        divergence_weight=float(case["beta"]),
        agreement_weight=float(case["lambda_t"]),
        warmup=0.0,
    )


def stage_two(case, leaf, tensor, divergence):
    """Loss and gradients with respect to concentrations and decoder logits."""
    alpha, logits = leaf(case["alpha_infer"]), leaf(case["y_recon"])
    loss = generative_loss(
        logits,
        tensor(case["y_onehot"]).expand_as(logits),
        alpha,
        tensor(case["alpha_prior"]),
        settings(case, divergence),
        float(case["lambda_t"]),
    )
    loss.backward()
    return loss.item(), alpha.grad.numpy(), logits.grad.numpy()


@pytest.mark.golden("dygen_stage2_loss")
def test_stage_two_loss_with_gamma_divergence_is_the_authors(case, leaf, tensor):
    loss, of_alpha, of_logits = stage_two(case, leaf, tensor, "gamma")
    np.testing.assert_allclose(loss, case["out_total"], rtol=1e-5)
    np.testing.assert_allclose(of_alpha, case["out_grad_alpha"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(of_logits, case["out_grad_recon"], rtol=1e-5, atol=1e-6)
    reg = agreement(mode(tensor(case["alpha_infer"]))).sum()
    np.testing.assert_allclose(reg, case["out_reg"], rtol=1e-5, atol=1e-9)


@pytest.mark.golden("dygen_stage2_loss")
def test_stage_two_divergence_is_between_dirichlets_where_the_authors_compare_independent_gammas(case, leaf, tensor):
    alpha, prior = tensor(case["alpha_infer"]), tensor(case["alpha_prior"])
    reference = torch.distributions.kl_divergence(
        torch.distributions.Dirichlet(alpha), torch.distributions.Dirichlet(prior)
    )
    np.testing.assert_allclose(dirichlet_divergence(alpha, prior), reference, rtol=1e-9, atol=1e-9)
    ours, theirs = reference.sum(1).mean().item(), float(case["out_kl"])
    assert ours <= theirs + 1e-9, "the Gammas' divergence also counts the total concentration"
    loss, _, _ = stage_two(case, leaf, tensor, "dirichlet")
    expected = float(case["out_total"]) + float(case["beta"]) * (ours - theirs)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


@pytest.mark.golden("dygen_posterior")
def test_posterior_in_one_product_is_a_loop_over_imagined_labels_and_the_authors_numbers(case, tensor):
    branches = len(case["logits"])
    found, looped = [], []
    for branch in range(branches):
        model, w = autoencoder(case, branch), tensor(case["z"][branch])[None]
        noisy = torch.softmax(tensor(case["logits"][branch]), dim=1)
        np.testing.assert_allclose(noisy, case["out_p_noisy"][branch], **CLOSE)
        with torch.no_grad():
            projected = model.project(w)
            found.append(posterior(noisy, model.imagine(projected)[0]).numpy())
            labels = torch.eye(model.num_classes, dtype=torch.float64)
            one_by_one = [mode(model.encode(projected, label.expand(1, w.shape[1], -1)))[0] for label in labels]
        looped.append(sum(noisy[:, [k]] * given for k, given in enumerate(one_by_one)).numpy())
    np.testing.assert_allclose(torch.stack(one_by_one, dim=2), case["out_p_y_given_noisy"], rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(found, looped, rtol=1e-12, atol=1e-15)
    merged = np.mean(found, axis=0)
    np.testing.assert_allclose(merged, case["out_posterior"], rtol=1e-6, atol=1e-10)
    np.testing.assert_array_equal(merged.argmax(1), case["out_pred"])
