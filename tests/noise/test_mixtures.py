"""Noises one after the other."""

import numpy as np
import pytest
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, Mixture, NoiseModel, noise_from
from benchmark.contracts.noise import REQUESTS
from tests.support.noise_examples import inputs_for, labels_of


def corrupted(text, clean, classes=5, **changes):
    model = noise_from(text)
    return model.corrupt(inputs_for(model, clean, classes=classes, **changes))


@pytest.mark.parametrize(
    ("text", "kind", "rate"),
    [
        ("symmetric(0.2)+open_set(0.1)", "symmetric+open_set(0.1)", 0.28),
        ("imbalance(10)+symmetric(0.4)", "imbalance(10)+symmetric", 0.4),
        ("imbalance(10,order=given)+hub(0.2,to=3)", "imbalance(10,given)+hub(3)", 0.2),
        ("imbalance(10)+observed(weak)", "imbalance(10)+observed(weak)", None),
    ],
)
def test_text_kind_and_rate_of_a_mixture(text, kind, rate):
    model = noise_from(text)
    assert (str(model), model.kind, model.rate) == (text, kind, rate)
    assert noise_from(f" {text} ".replace("+", " + ")) == model


def test_a_step_draws_as_it_would_alone():
    clean = labels_of(600)
    alone, mixed = corrupted("imbalance(10)", clean), corrupted("imbalance(10)+asymmetric(0.4)", clean)
    assert ((alone == -1) == (mixed == -1)).all()
    assert (corrupted("clean()+symmetric(0.4)", clean) == corrupted("symmetric(0.4)", clean)).all()


def test_a_step_starts_from_the_labels_that_the_one_before_it_left_with_exact_counts():
    clean = np.repeat(np.arange(5), 200)
    noisy = corrupted("asymmetric(0.4)+asymmetric(0.2)", clean)
    pairs = np.array([np.bincount((noisy[clean == k] - k) % 5, minlength=5) for k in range(5)])
    assert pairs.sum(axis=0)[3:].tolist() == [0, 0]
    # Of 1000 labels 400 move on, then of each label 200 of its 1000; two moves for a binomial share of 400.
    assert (noisy != clean).sum() == pytest.approx(520, abs=30)
    assert pairs.sum(axis=0)[2] == pytest.approx(80, abs=30)
    matrix = noise_from("asymmetric(0.4)+asymmetric(0.2)").transition_matrix(5)
    assert np.allclose(matrix[0], [0.48, 0.44, 0.08, 0, 0])


def test_two_steps_of_one_model_draw_apart():
    clean = labels_of(20_000)
    first, both = corrupted("asymmetric(0.3)", clean), corrupted("asymmetric(0.3)+asymmetric(0.3)", clean)
    twice = ((both - clean) % 5 == 2)[first != clean].mean()
    assert twice == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("text", ["symmetric(0.25)+open_set(0.1)", "open_set(0.1)+symmetric(0.25)"])
def test_closed_noise_knows_nothing_of_held_out_classes_wherever_it_stands(text):
    clean = np.repeat(np.arange(5), 2000)
    noisy = corrupted(text, clean)
    remaining, labelled = clean < 4, noisy >= 0
    assert noisy.max() == 3
    assert labelled[remaining].all()
    assert (noisy != clean)[remaining].mean() == 0.25
    assert (noisy != clean)[labelled].mean() == pytest.approx(0.25 * 0.9 + 0.1, abs=1e-3)
    assert chisquare(np.bincount(noisy[~remaining & labelled], minlength=4)).pvalue > 1e-4


@pytest.mark.parametrize("part", ["pmd(0.3)", "seal(0.3)", "instance_token_ids(0.3)", "keywords()", "confusion(0.3)"])
def test_teacher_and_texts_are_cut_to_the_remaining_rows_and_classes(part):
    clean = labels_of(2000)
    alone, mixed = corrupted(part, clean[clean < 4], classes=4), corrupted(f"{part}+open_set(0.1)", clean)
    closed = mixed[clean < 4]
    assert closed.max() < 4
    assert (mixed[clean == 4] < 4).all()
    if part != "keywords()":
        assert (closed != clean[clean < 4]).mean() == (alone != clean[clean < 4]).mean() == pytest.approx(0.3, abs=1e-3)


def test_probabilities_of_the_remaining_classes_sum_to_one():
    inputs = inputs_for(noise_from("clean()"), labels_of(50))
    inputs.teacher[0] = [0, 0, 0, 0, 1]
    cut = inputs.subset(np.arange(30), 4).teacher
    assert cut.shape == (30, 4)
    assert np.allclose(cut.sum(axis=1), 1)
    assert cut[0].tolist() == [0.25] * 4
    assert np.allclose(cut[1] / cut[1, 0], inputs.teacher[1, :4] / inputs.teacher[1, 0])


def test_what_is_learned_is_learned_from_the_whole_clean_training_split_whatever_came_before():
    clean = labels_of(1500)
    features = np.random.default_rng(0).standard_normal((1500, 6)) + 4 * np.eye(6)[clean]
    alone = corrupted("similar(0.3)", clean, features=features)
    pairs = set(zip(clean[alone != clean], alone[alone != clean], strict=True))
    mixed = corrupted("imbalance(20)+similar(0.3)", clean, features=features)
    wrong = (mixed != clean) & (mixed >= 0)
    assert wrong.any()
    assert set(zip(clean[wrong], mixed[wrong], strict=True)) <= pairs


def test_features_and_training_inputs_are_cut_with_the_rows():
    clean = labels_of(3000)
    features = np.random.default_rng(0).standard_normal((3000, 6)) + 4 * np.eye(6)[clean]
    for text in ("open_set(0.1)+instance(0.3)", "open_set(0.1)+similar(0.3)", "imbalance(4)+instance(0.3)"):
        noisy = corrupted(text, clean, features=features)
        closed = (noisy >= 0) & (clean < noise_from(text).in_distribution(5))
        assert (noisy != clean)[closed].mean() == pytest.approx(0.3, abs=2e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("symmetric(0.2)+", "has an empty part"),
        ("symmetric(0.2)+symetric(0.1)", "Did you mean 'symmetric'"),
        ("imbalance(4)+symmetric(1.0)", "symmetric.rate is 1"),
        ("open_set(0.1)+open_set(0.2)", "holds classes out twice"),
    ],
)
def test_mixtures_that_cannot_be_are_errors(text, message):
    with pytest.raises(BenchmarkError, match=message):
        noise_from(text)


def test_observed_labels_that_name_held_out_classes_are_an_error():
    with pytest.raises(BenchmarkError, match="held out"):
        corrupted("open_set(0.1)+observed(weak)", labels_of(300))


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_mixture_asks_for_what_one_of_its_parts_asks_for(request_name):
    asking = type("Asking", (type(noise_from("clean()")),), {request_name: True})()
    assert getattr(Mixture((noise_from("clean()"), asking)), request_name)


def test_every_flag_of_a_noise_model_is_one_of_the_requests():
    flags = {name for name, value in vars(NoiseModel).items() if isinstance(value, bool)}
    assert flags == set(REQUESTS)
