"""Controls and oracle bounds: what each of them is a control for, on worlds where the
answer is known.
"""

import dataclasses

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import AllWrong, easy_world, world
from benchmark.contracts import Need, NoisyTexts, NoisyView, method_from, noise_from
from benchmark.trial.metrics import ranking_area
from benchmark.trial.view import noisy_view
from methods import linear_probe
from methods.clean_few import CleanFew
from methods.linear_probe import CANDIDATES, LinearProbe, fitted
from methods.noise_oracle_drop import NoiseOracleDrop


class FewParts:
    """The parts of a kit that a test needs: draws and a clock that never strikes."""

    def __init__(self, embeddings=None):
        self.embeddings = embeddings

    def generator(self, purpose):
        return np.random.default_rng(len(purpose))

    def check_time(self):
        return None


def view_of(noisy, clean=None, classes=3):
    texts = NoisyTexts([""] * len(noisy), np.asarray(noisy))
    granted = {} if clean is None else {Need.CLEAN_TRAIN_LABELS: np.asarray(clean)}
    return NoisyView(texts, texts, classes, declared_inputs=granted)


def test_first_member_of_an_ensemble_is_the_network_of_cross_entropy():
    alone, together = (train(method_from(name), easy_world()).test for name in ("cross_entropy", "ensemble_ce"))
    assert together.shape[1] == 2
    np.testing.assert_array_equal(together[:, :1], alone)
    assert np.abs(together[:, 1] - together[:, 0]).max() > 1e-3


@pytest.mark.parametrize("members", [1, 3])
def test_an_ensemble_has_as_many_networks_as_members(members):
    method = method_from(f"ensemble_ce[members={members}]")
    assert method.networks == members
    assert train(method, world()).test.shape[1] == members


def test_majority_predicts_the_most_frequent_noisy_label_whatever_the_text():
    here = world()
    labels = here.trial_inputs.noisy.train_labels
    test = train(method_from("majority"), here).test
    shares = np.bincount(labels, minlength=3) / len(labels)
    np.testing.assert_allclose(test, np.broadcast_to(shares, test.shape), rtol=1e-6)


def test_knn_relabelling_repairs_labels_in_separable_clusters():
    here = world(train=240, test=24)
    noisy, clean = here.trial_inputs.noisy.train_labels, here.trial_inputs.noisy.train.clean_labels
    found = train(method_from("knn_relabel"), here).findings
    assert (found["corrected_labels"] == clean).mean() > (noisy == clean).mean() + 0.1
    assert ranking_area(found["suspicion"], noisy != clean) > 0.9


def test_the_given_label_of_a_text_has_no_say_in_its_own_relabelling():
    here = world(train=60)
    noisy = here.trial_inputs.noisy
    turned = noisy.train_labels.copy()
    turned[7] = (turned[7] + 1) % 3
    other = dataclasses.replace(
        here, trial_inputs=dataclasses.replace(here.trial_inputs, noisy=dataclasses.replace(noisy, train_labels=turned))
    )
    method = method_from("knn_relabel")
    before, after = (train(method, w).findings["corrected_labels"] for w in (here, other))
    assert before[7] == after[7]


def test_linear_probe_is_the_logistic_regression_of_its_embeddings():
    here = world(train=90, test=24)
    result = train(method_from("linear_probe[inverse_penalty=0.1]"), here)
    parts = here.trial_inputs
    rows = np.arange(len(parts.train_inputs))
    features = parts.train_inputs.batch(rows, torch.device("cpu")).numpy()
    tests = parts.test_inputs.batch(np.arange(24), torch.device("cpu")).numpy()
    expected = fitted(features, parts.noisy.train_labels, 3, 0.1)(tests)
    np.testing.assert_allclose(result.test, expected, atol=1e-4)
    assert result.points == [(1, 1.0, True)]


def test_linear_probe_gives_no_probability_to_absent_classes():
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    two = fitted(rows, np.arange(20) % 2 * 2, 4, 1.0)(rows)
    assert two.shape == (20, 1, 4)
    assert (two[..., [1, 3]] == 0).all()
    np.testing.assert_allclose(two.sum(-1), 1.0, rtol=1e-6)
    one = fitted(rows, np.full(20, 3), 4, 1.0)(rows)
    np.testing.assert_array_equal(one, np.broadcast_to([0, 0, 0, 1], (20, 1, 4)))


def test_linear_probe_chooses_a_penalty_that_keeps_wrong_labels_out():
    draws = np.random.default_rng(3)
    latent = draws.normal(size=(2_000, 3))
    rows = (latent @ draws.normal(size=(3, 300)) + draws.normal(size=(2_000, 300))).astype(np.float32)
    clean = (latent[:, 0] > 0).astype(np.int64)
    noisy = np.where(draws.random(2_000) < 0.35, 1 - clean, clean)
    chosen = LinearProbe().chosen(view_of(noisy[:1_000], classes=2), FewParts(), rows[:1_000])
    assert chosen < CANDIDATES[-1]
    reached = {c: fitted(rows[:1_000], noisy[:1_000], 2, c)(rows[1_000:])[:, 0].argmax(1) for c in (chosen, 1.0)}
    assert (reached[chosen] == clean[1_000:]).mean() > (reached[1.0] == clean[1_000:]).mean() + 0.1


def test_linear_probe_holds_a_fifth_of_the_labels_out_and_learns_from_the_others(monkeypatch):
    learned, asked = [], []

    def spied(rows, labels, classes, penalty):
        learned.append(rows[:, 0].tolist())

        def predict(texts):
            asked.append(texts[:, 0].tolist())
            return np.full((len(texts), 1, classes), 1 / classes)

        return predict

    monkeypatch.setattr(linear_probe, "fitted", spied)
    rows = np.arange(50, dtype=np.float32)[:, None]
    LinearProbe().chosen(view_of(np.arange(50) % 2, classes=2), FewParts(), rows)
    assert [len(texts) for texts in asked] == [10] * len(CANDIDATES)
    for learnt_from, judged_by in zip(learned, asked, strict=True):
        assert sorted(learnt_from + judged_by) == list(range(50))


@pytest.mark.parametrize("name", ["clean_upper_bound", "noise_oracle_drop"])
def test_bounds_are_cross_entropy_where_no_label_is_wrong(name):
    here = world(train=64, noise=noise_from("clean()"))
    plain, bound = (train(method_from(method), here).test for method in ("cross_entropy", name))
    np.testing.assert_array_equal(bound, plain)


def test_clean_upper_bound_does_not_see_the_noise():
    quiet, loud = (
        train(method_from("clean_upper_bound"), world(train=64, noise=noise_from(n))).test
        for n in ("clean()", "symmetric(0.4)")
    )
    np.testing.assert_array_equal(quiet, loud)


def test_noise_oracle_drop_trains_on_right_labels_only_and_on_all_where_none_is_right():
    view = view_of([0, 1, 2, 0], [0, 1, 1, 2])
    assert NoiseOracleDrop().training_rows(view, FewParts(), None).tolist() == [0, 1]
    assert NoiseOracleDrop().training_rows(view_of([0, 1], [1, 0]), FewParts(), None) is None


def test_clean_few_takes_k_texts_a_class_as_often_as_an_epoch_has_texts():
    clean = np.array([0] * 50 + [1] * 40 + [2] * 3)
    rows = CleanFew(labels_a_class=5).training_rows(view_of(clean * 0, clean), FewParts(), None)
    assert len(rows) == len(clean)
    bought = np.unique(rows)
    assert np.bincount(clean[bought]).tolist() == [5, 5, 3]
    assert np.bincount(rows)[bought].max() - np.bincount(rows)[bought].min() <= 1


def test_oracles_are_marked_and_the_other_controls_are_not():
    oracles = ["clean_upper_bound", "noise_oracle_drop", "clean_few"]
    assert all(method_from(name).oracle for name in oracles)
    assert not any(method_from(name).oracle for name in ("ensemble_ce", "linear_probe", "knn_relabel", "majority"))
    assert noisy_view(method_from("clean_few"), world().trial_inputs).declared_inputs.keys() == {
        Need.CLEAN_TRAIN_LABELS
    }


def test_truncated_gce_goes_with_the_plain_form_until_it_prunes():
    here = easy_world()
    plain, cut = (train(method_from(name), here) for name in ("gce", "gce[truncation=0.5]"))
    # A constant below the loss moves no gradient; of four epochs the third is the first after 40 % of the training.
    early = [place for place, (_, fraction, _) in enumerate(plain.points) if fraction <= 0.5]
    assert 0 < len(early) < len(plain.points)
    np.testing.assert_allclose(cut.predicted[0], plain.predicted[0], atol=1e-5)
    assert np.abs(cut.test - plain.test).max() > 1e-3


@pytest.mark.parametrize("name", ["gce", "gce[truncation=0.5]"])
def test_truncated_gce_survives_a_training_set_whose_labels_are_all_wrong(name):
    assert np.isfinite(train(method_from(name), world(noise=AllWrong())).test).all()
