"""DyGen's parts by their mathematics."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import world
from benchmark.contracts import Outputs, method_from
from methods.dygen import DyGen, joined_trajectory
from methods.dygen.dynamics import (
    centroids,
    class_distances,
    dynamics_score,
    mark_suspects,
    own_distances,
    trajectory_distances,
)
from methods.dygen.prior import concentration, neighbour_votes
from methods.dygen.vae import (
    HIGHEST,
    LOWEST,
    DirichletAutoencoder,
    dirichlet_divergence,
    gamma_divergence,
    mode,
    posterior,
    reconstruction,
)
from methods.engine.losses import agreement


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def concentrations(*shape, seed=0):
    return 1.1 + drawn(*shape, seed=seed).exp()


@pytest.mark.parametrize("divergence", [dirichlet_divergence, gamma_divergence])
def test_divergence_is_zero_where_the_concentration_is_the_prior_and_positive_elsewhere(divergence):
    alpha, prior = concentrations(20, 5), concentrations(20, 5, seed=1)
    np.testing.assert_allclose(divergence(alpha, alpha), 0.0, atol=1e-12)
    assert (divergence(alpha, prior) > 0).all()


def test_mode_sums_to_one_and_is_where_the_density_is_highest():
    alpha = concentrations(30, 4)
    peak = mode(alpha)
    np.testing.assert_allclose(peak.sum(-1), 1.0, rtol=1e-12)
    density = torch.distributions.Dirichlet(alpha)
    for moved in (0.99 * peak + 0.01 / 4, 0.95 * peak + 0.05 * torch.softmax(drawn(30, 4), 1)):
        assert (density.log_prob(peak) >= density.log_prob(moved)).all()


def test_concentrations_stay_within_bounds_for_any_trajectory():
    model = DirichletAutoencoder(6, 3)
    for scale in (0.0, 1e3, 1e8):
        for trajectory in (scale * torch.ones(4, 6), -scale * torch.ones(4, 6)):
            alpha = model.imagine(trajectory)
            assert ((alpha >= LOWEST) & (alpha <= HIGHEST)).all()
            assert torch.isfinite(mode(alpha)).all()


def test_posterior_is_a_distribution_and_the_classifier_itself_where_labels_are_believed():
    noisy = torch.softmax(drawn(10, 4), 1)
    alpha = concentrations(10, 4, 4)
    np.testing.assert_allclose(posterior(noisy, alpha).sum(1), 1.0, rtol=1e-12)
    believed = torch.eye(4, dtype=torch.float64).expand(10, 4, 4) + 1.0
    np.testing.assert_allclose(posterior(noisy, believed), noisy, rtol=1e-12)


def test_reconstruction_forms_are_those_of_torch():
    logits, label = drawn(7, 5), torch.eye(5, dtype=torch.float64)[torch.arange(7) % 5]
    single = torch.nn.functional.binary_cross_entropy(torch.sigmoid(logits), label, reduction="none").sum(1)
    np.testing.assert_allclose(reconstruction(logits, label, "bernoulli"), single, rtol=1e-9)
    joint = torch.nn.functional.cross_entropy(logits, label, reduction="none")
    np.testing.assert_allclose(reconstruction(logits, label, "categorical"), joint, rtol=1e-9)


def test_agreement_of_equal_networks_and_of_one_network_is_zero():
    p = torch.softmax(drawn(1, 6, 4), -1)
    np.testing.assert_array_equal(agreement(p), 0.0)
    np.testing.assert_allclose(agreement(p.expand(3, -1, -1)), 0.0, atol=1e-15)


def test_nothing_marked_gives_the_neighbours_of_everything():
    embedding, labels = drawn(50, 6), torch.arange(50) % 3
    none = torch.from_numpy(mark_suspects(np.arange(50.0), 0.0))
    assert not none.any()
    votes = neighbour_votes(embedding, labels, none, 3, neighbours=5)
    distances = torch.cdist(embedding, embedding).fill_diagonal_(torch.inf)
    near = distances.argsort(1)[:, :5]
    weights = 1 / distances.gather(1, near)
    expected = torch.stack([(weights * (labels[near] == k)).sum(1) for k in range(3)], 1)
    np.testing.assert_allclose(votes, expected / expected.sum(1, keepdim=True), rtol=1e-6)


def test_everything_marked_asks_everything():
    embedding, labels = drawn(20, 3), torch.arange(20) % 2
    every, none = torch.ones(20, dtype=torch.bool), torch.zeros(20, dtype=torch.bool)
    asked = [neighbour_votes(embedding, labels, marked, 2) for marked in (every, none)]
    assert torch.equal(*asked)


def test_one_unmarked_example_and_fewer_than_the_wanted_neighbours_are_enough():
    embedding, labels = drawn(5, 3), torch.tensor([0, 1, 2, 1, 0])
    for unmarked in (1, 2, 3):
        marked = torch.arange(5) >= unmarked
        votes = neighbour_votes(embedding, labels, marked, 3, neighbours=10)
        np.testing.assert_allclose(votes.sum(1), 1.0, rtol=1e-12)


def test_marks_are_the_highest_scores_and_ties_go_to_earlier_rows():
    assert mark_suspects(np.array([0.1, 0.9, 0.5, 0.7]), 0.5).tolist() == [False, True, False, True]
    assert mark_suspects(np.ones(4), 0.5).tolist() == [True, True, False, False]
    assert mark_suspects(np.ones(7), 1.0 - 1e-9).sum() == 6


def test_score_of_one_point_is_its_distance():
    np.testing.assert_array_equal(dynamics_score(np.array([[1.0, 2.0]])), [1.0, 2.0])
    np.testing.assert_allclose(dynamics_score(np.array([[1.0], [3.0]])), [2.0 + np.sqrt(2.0)])


def test_centroid_of_an_absent_class_is_the_mean_of_all_rows():
    embedding, labels = drawn(9, 4), torch.arange(9) % 2
    found = centroids(embedding, labels, 4)
    np.testing.assert_allclose(found[1], embedding[1::2].mean(0), rtol=1e-12)
    np.testing.assert_allclose(found[2:], embedding.mean(0).expand(2, -1), rtol=1e-12)


def test_own_distances_are_those_to_all_classes_at_the_own_one():
    embedding, labels = drawn(40, 5), torch.arange(40) % 3
    of_all = class_distances(embedding, labels, 3)
    np.testing.assert_allclose(own_distances(embedding, labels, 3), of_all[torch.arange(40), labels], rtol=1e-6)


def test_trajectories_join_points_in_order_and_equal_points_give_equal_distances():
    embedding = drawn(6, 2, 3).numpy().astype(np.float16)
    outputs = [Outputs(np.zeros((6, 2, 2), np.float32), embedding), Outputs(np.zeros((6, 2, 2), np.float32), embedding)]
    joined = joined_trajectory(outputs, 1)
    np.testing.assert_array_equal(joined, np.concatenate([embedding[:, 1], embedding[:, 1]], axis=1))
    distances = trajectory_distances(joined.reshape(6, 2, 3), np.arange(6) % 2, 2)
    np.testing.assert_array_equal(distances[0], distances[1])


def test_trajectories_without_embeddings_are_refused():
    with pytest.raises(ValueError, match="embeddings"):
        joined_trajectory([Outputs(np.zeros((6, 2, 2), np.float32))], 0)


def test_prior_concentration_is_above_one_everywhere_and_highest_at_the_class():
    alpha = concentration(torch.tensor([2, 0]), 4, 5.0)
    np.testing.assert_allclose(alpha, [[1.25, 1.25, 6.25, 1.25], [6.25, 1.25, 1.25, 1.25]])


@pytest.mark.parametrize("form", ["divergence=gamma", "likelihood=categorical", "rate=0.1", "rate=oracle"])
def test_each_form_trains_to_its_end_and_its_second_stage_alone_is_selectable(form):
    result = train(method_from(f"dygen[{form}]"), world())
    assert {stage: selectable for stage, _, selectable in result.points} == {1: False, 2: True}
    assert result.points[-1][:2] == (2, 1.0)
    assert {stage for stage, _ in result.chosen.values()} == {2}


def test_first_stage_is_that_of_co_regularisation(batch_of, leaf):
    logits, labels = leaf(drawn(2, 8, 3)), torch.arange(8) % 3
    for step in (0, 9, 10, 99):
        batch = batch_of(logits, labels, step=step, total_steps=100)
        pair = DyGen().stage_one_loss(batch), method_from("cr").loss(batch)
        assert pair[0].item() == pair[1].item()
