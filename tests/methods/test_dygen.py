"""DyGen's parts by their mathematics."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import SHORT, with_other_clean_labels, world
from benchmark.contracts import BenchmarkError, Need, Outputs, method_from
from methods.dygen import DyGen
from methods.dygen.dynamics import (
    centroids,
    class_distances,
    dynamics_score,
    margins,
    mark_suspects,
    own_distances,
    trajectory_distances,
)
from methods.dygen.settings import RELEASED
from methods.shared.generative.autoencoder import (
    HIGHEST,
    LOWEST,
    DirichletAutoencoders,
    dirichlet_divergence,
    gamma_divergence,
    mode,
    posterior,
    reconstruction,
)
from methods.shared.generative.trajectories import Standardiser, Trajectories, trajectory_rows
from methods.shared.losses import agreement
from methods.shared.neighbours.prior import concentration, neighbour_votes


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
    model = DirichletAutoencoders(1, 6, 3)
    for scale in (0.0, 1e3, 1e8):
        for trajectory in (scale * torch.ones(4, 6), -scale * torch.ones(4, 6)):
            alpha = model.imagine(model.project(trajectory[None]))
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
    centres = centroids(embedding, labels, 3)
    of_all = class_distances(embedding, centres)
    np.testing.assert_allclose(own_distances(embedding, labels, centres), of_all[torch.arange(40), labels], rtol=1e-6)


def test_margin_is_negative_where_the_own_centre_is_the_nearest():
    centres = torch.tensor([[0.0], [10.0]])
    found = margins(torch.tensor([[1.0], [1.0]]), torch.tensor([0, 1]), centres)
    np.testing.assert_allclose(found, [-8.0, 8.0])


def outputs_of(embedding):
    return Outputs(np.zeros((len(embedding), embedding.shape[1], 2), np.float32), embedding.numpy().astype(np.float16))


def test_trajectories_join_points_in_order_and_equal_points_give_equal_distances():
    first, second = drawn(6, 2, 3), drawn(6, 2, 3, seed=1)
    joined = trajectory_rows([outputs_of(first), outputs_of(second)], np.array([4, 0]))
    expected = torch.cat([first, second], dim=2)[[4, 0]].transpose(0, 1)
    np.testing.assert_allclose(joined, expected, rtol=1e-3, atol=1e-3)
    one = first[:, 1].numpy().astype(np.float16)
    distances = trajectory_distances([one, one], np.arange(6) % 2, 2)
    np.testing.assert_array_equal(distances[0], distances[1])


def test_trajectories_without_embeddings_are_refused():
    with pytest.raises(ValueError, match="embeddings"):
        trajectory_rows([Outputs(np.zeros((6, 2, 2), np.float32))], slice(None))


def test_standardised_trajectories_have_mean_zero_and_a_deviation_of_one_over_the_root_of_their_length():
    seen = [outputs_of(3.0 + 2.0 * drawn(600, 2, 3)), outputs_of(drawn(600, 2, 3, seed=1))]
    standard = Standardiser.of(seen, torch.device("cpu"))(trajectory_rows(seen, slice(None)))
    np.testing.assert_allclose(standard.mean(1), 0.0, atol=1e-5)
    np.testing.assert_allclose(standard.std(1, unbiased=False), 6**-0.5, rtol=1e-4)


@pytest.mark.parametrize("most_bytes", [0, 2**20], ids=["joined anew", "joined once"])
def test_a_training_reads_the_standardised_rows_whether_or_not_there_is_room_for_all(most_bytes, monkeypatch):
    monkeypatch.setattr("methods.shared.generative.trajectories.JOINED_BYTES", most_bytes)
    seen = [outputs_of(drawn(300, 2, 5)), outputs_of(drawn(300, 2, 5, seed=1))]
    standardise, rows = Standardiser.of(seen, torch.device("cpu")), np.array([270, 3, 299])
    read = Trajectories.of(seen, standardise)
    assert (read.joined is None) == (most_bytes == 0)
    assert torch.equal(read(torch.from_numpy(rows)), standardise(trajectory_rows(seen, rows)))


@pytest.mark.parametrize("rows", [1, 11, 32])
def test_a_projection_has_the_bits_of_the_product_and_of_autograds_gradients(rows):
    model, seen = DirichletAutoencoders(2, 96, 3), drawn(rows, 2, 96).transpose(0, 1).float()
    plain = torch.baddbmm(model.biases, seen, model.weights.transpose(1, 2))
    projected = model.project(seen)
    assert torch.equal(projected, plain)
    downstream = drawn(2, rows, 6, seed=1).float()
    asked = model.weights, model.biases
    for found, expected in zip(
        torch.autograd.grad(projected, asked, downstream), torch.autograd.grad(plain, asked, downstream), strict=True
    ):
        assert torch.equal(found, expected)


@pytest.mark.parametrize("text", ["last-0", "every-", "first-2", "last", "every-x", "points", "epochs-points"])
def test_a_trajectory_that_is_none_is_refused_by_name(text):
    with pytest.raises(BenchmarkError, match=f"dygen.trajectory is '{text}'"):
        method_from(f"dygen[trajectory={text}]")


def test_prior_concentration_is_above_one_everywhere_and_highest_at_the_class():
    alpha = concentration(torch.tensor([2, 0]), 4, 5.0)
    np.testing.assert_allclose(alpha, [[1.25, 1.25, 6.25, 1.25], [6.25, 1.25, 1.25, 1.25]])


VARIANTS = (
    "divergence=gamma",
    "likelihood=categorical",
    "latent=approximate",
    "rate=0.1",
    "rate=oracle",
    "branches=1",
    "branches=3",
    "trajectory=last-1",
    "trajectory=every-2",
    "trajectory=all",
    "trajectory=last-2-points",
    "score=random",
    "score=margin",
    "prior=soft",
    "prior_embedding=first",
    "prior_embedding=trajectory",
    "prior_embedding=frozen",
    "self_match=true",
    "bank=train_valid",
    "mode=released",
    "mode=released_leaky",
)


@pytest.mark.parametrize("form", VARIANTS)
def test_each_form_trains_to_its_end_and_its_second_stage_alone_is_selectable(form):
    result = train(method_from(f"dygen[{form}]"), world())
    assert {stage: selectable for stage, _, selectable in result.points} == {1: False, 2: True}
    assert result.points[-1][:2] == (2, 1.0)
    assert {stage for stage, _ in result.chosen.values()} == {2}


@pytest.mark.parametrize("form", ["until=prior", "until=prior,prior_embedding=first"])
def test_the_prior_alone_is_one_point_of_the_second_stage(form):
    result = train(method_from(f"dygen[{form}]"), world())
    assert [point for point in result.points if point[2]] == [(2, 1.0, True)]


def test_the_first_stage_alone_predicts_what_co_regularisation_predicts():
    alone, co_regularised = (train(method_from(text), world()) for text in ("dygen[until=stage_one]", "cr"))
    np.testing.assert_array_equal(alone.test, co_regularised.test)
    assert alone.points == co_regularised.points


def test_the_released_mode_is_its_settings_and_differs_from_the_paper():
    settings = ",".join(f"{name}={str(value).lower()}" for name, value in RELEASED.items())
    released, spelt_out, paper = (
        train(method_from(text), world()) for text in ("dygen[mode=released]", f"dygen[{settings}]", "dygen")
    )
    assert not np.array_equal(released.test, paper.test)
    if int(DyGen().warmup * SHORT.epochs) / SHORT.epochs == DyGen().warmup:
        np.testing.assert_array_equal(released.test, spelt_out.test)


def test_the_leaky_mode_alone_declares_clean_labels_and_is_an_oracle():
    leaky, released = method_from("dygen[mode=released_leaky]"), method_from("dygen[mode=released]")
    assert leaky.needs() == {Need.CLEAN_VALID_LABELS, Need.CLEAN_TEST_LABELS, Need.TEST_TEXTS}
    assert leaky.oracle
    assert not released.needs()


def test_the_leaky_mode_depends_on_clean_test_labels_and_the_released_one_does_not():
    def differs(text):
        method = method_from(text)
        return not np.array_equal(train(method, world()).test, train(method, with_other_clean_labels(world(), ())).test)

    assert differs("dygen[mode=released_leaky,rate=0.4]")
    assert not differs("dygen[mode=released,rate=0.4]")
