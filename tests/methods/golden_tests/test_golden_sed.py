"""SED against numbers that its authors' own code computed; see golden/PROVENANCE.md."""

import types

import numpy as np
import pytest
import torch

from benchmark.contracts import NoisyTexts, NoisyView, Outputs
from benchmark.contracts.views import Point
from methods.sed import Confidence, Selection, SelfAdaptiveSelection, State

TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}
QUANTILE = 0.8


def by_quantile(case):
    """The case, unless it is of the mean in the quantile's place, which we do not
    offer.
    """
    if not case["use_quantile"]:
        pytest.skip("the mean in place of the quantile is not offered")
    return case


@pytest.mark.golden("sed")
def test_thresholds_class_states_and_clean_examples_are_the_authors(case):
    case = by_quantile(case)
    selection, labels = Selection(case["probs"].shape[2]), case["labels"]
    for epoch, probabilities in enumerate(case["probs"]):
        selection.renew(probabilities, labels, float(case["m_scs"]), QUANTILE)
        np.testing.assert_allclose(selection.threshold, case["out_global"][epoch], **TOLERANCE)
        np.testing.assert_allclose(selection.class_state, case["out_local"][epoch], **TOLERANCE)
        clean = selection.excess(probabilities, labels) >= 0
        np.testing.assert_array_equal(clean, case["out_clean"][epoch] == 1)


def before(case, epoch):
    """Confidence as the authors' code had it before an epoch."""
    confidence = Confidence(case["probs"].shape[2])
    if epoch:
        confidence.mean, confidence.variance = case["out_mu"][epoch - 1].copy(), case["out_var"][epoch - 1].copy()
    return confidence


def often(probabilities):
    """Which classes are predicted more than once, bool (C,)."""
    return np.bincount(probabilities.argmax(1), minlength=probabilities.shape[1]) > 1


@pytest.mark.golden("sed")
def test_means_variances_and_weights_of_classes_predicted_twice_are_the_authors(case):
    for epoch, probabilities in enumerate(case["probs_teacher"]):
        confidence, seen = before(case, epoch), often(probabilities)
        confidence.renew(probabilities, float(case["m_scr"]))
        np.testing.assert_allclose(confidence.mean[seen], case["out_mu"][epoch][seen], **TOLERANCE)
        np.testing.assert_allclose(confidence.variance[seen], case["out_var"][epoch][seen], **TOLERANCE)
        rows = seen[probabilities.argmax(1)]
        weights = confidence.weights(probabilities, float(case["n_sigma"]))
        np.testing.assert_allclose(weights[rows], case["out_weight"][epoch][rows], **TOLERANCE)


@pytest.mark.golden("sed")
def test_a_class_predicted_less_than_twice_stays_where_the_authors_code_moves_it_to_0_and_1(case):
    momentum = float(case["m_scr"])
    for epoch, probabilities in enumerate(case["probs_teacher"]):
        confidence, rare = before(case, epoch), ~often(probabilities)
        was = confidence.mean.copy(), confidence.variance.copy()
        confidence.renew(probabilities, momentum)
        np.testing.assert_array_equal(confidence.mean[rare], was[0][rare])
        np.testing.assert_array_equal(confidence.variance[rare], was[1][rare])
        np.testing.assert_allclose(momentum * was[0][rare], case["out_mu"][epoch][rare], **TOLERANCE)
        towards_one = momentum * was[1][rare] + (1 - momentum)
        np.testing.assert_allclose(towards_one, case["out_var"][epoch][rare], **TOLERANCE)


class Scripted:
    """A trainer whose networks say at each look what the golden file says they said."""

    def __init__(self, case, order):
        self.device, self.recipe = torch.device("cpu"), types.SimpleNamespace(epochs=len(case["probs"]))
        self.looks = iter(np.stack([case["probs"], case["probs_teacher"]], axis=2)[:, order])
        self.clean, self.thresholds = [], []

    def networks(self, count):
        return [torch.nn.Linear(1, 1) for _ in range(count)]

    def evaluate(self, networks):
        return Outputs(next(self.looks))

    def train(self, networks, loss, *, state, before_epoch, **rest):
        for epoch in range(self.recipe.epochs):
            before_epoch(epoch)
            self.clean.append(state.clean.numpy())
            self.thresholds.append(state.selection.threshold)
            yield Point(fraction=(epoch + 1) / self.recipe.epochs)


@pytest.mark.golden("sed")
def test_fit_selects_before_each_epoch_as_the_authors_in_whatever_order_the_rows_come(case):
    case = by_quantile(case)
    labels = case["labels"]
    order = np.random.default_rng(0).permutation(len(labels))
    trainer = Scripted(case, order)
    texts = NoisyTexts([""] * len(labels), labels[order])
    method = SelfAdaptiveSelection(warmup=0, momentum=float(case["m_scs"]))
    points = list(method.fit(NoisyView(texts, texts, case["probs"].shape[2]), trainer))
    assert len(points) == len(case["probs"])
    np.testing.assert_allclose(trainer.thresholds, case["out_global"], **TOLERANCE)
    np.testing.assert_array_equal(np.stack(trainer.clean), case["out_clean"][:, order] == 1)


def test_a_batch_learns_from_clean_labels_and_from_all_guesses_of_the_teacher(batch_of):
    logits = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    guessed = torch.tensor([2, 1, 0, 0])
    teacher = types.SimpleNamespace(
        state_dict=dict,
        eval=lambda: None,
        embed=lambda encoded: encoded,
        classify=lambda _: torch.nn.functional.one_hot(guessed, 3),
    )
    clean, weights = torch.tensor([True, False, True, False]), torch.tensor([0.1, 0.4, 1.0, 0.7], dtype=torch.float64)
    rows = torch.tensor([5, 0, 3, 1])
    in_data_set = torch.ones(6, dtype=torch.bool).index_put((rows,), clean), torch.zeros(6).double()
    state = State(Selection(3), Confidence(3), teacher, in_data_set[0], in_data_set[1].index_put((rows,), weights))
    batch = batch_of(logits, torch.tensor([0, 1, 2, 1]), rows=rows, state=state)
    batch.networks[0].state_dict = dict
    minus_log = -logits[0].log_softmax(-1)
    expected = (minus_log[0, 0] + minus_log[2, 2]) / 2 + 0.5 * (weights * minus_log[torch.arange(4), guessed]).mean()
    torch.testing.assert_close(SelfAdaptiveSelection(weight=0.5).loss(batch), expected)
