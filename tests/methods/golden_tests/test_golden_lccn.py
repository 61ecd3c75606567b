"""LCCN against numbers that its authors' own code computed; see
golden/PROVENANCE.md.
"""

import types

import numpy as np
import pytest
import torch

from benchmark.contracts import NoisyTexts, NoisyView, Outputs
from benchmark.contracts.views import Point
from methods.lccn import LatentClassConditionalNoise, LatentLabels, drawn_from

TOLERANCE = {"rtol": 1e-6, "atol": 1e-12}
pytestmark = pytest.mark.golden("lccn_gibbs")


def test_first_counts_are_the_authors(case, tensor):
    classes = case["probs"].shape[2]
    latent = LatentLabels(tensor(case["z0"]), tensor(case["noisy"]), classes, float(case["alpha"]))
    np.testing.assert_array_equal(latent.counts, case["C0"])
    np.testing.assert_allclose(latent.transition, case["out_trans"][0], **TOLERANCE)


def middles(posterior, draws):
    """Numbers in the middle of the intervals of the classes drawn, (B,)."""
    rows = np.arange(len(draws))
    return posterior.cumsum(1)[rows, draws] - posterior[rows, draws] / 2


def test_a_number_within_the_interval_of_a_class_draws_it(case, tensor):
    for posterior, draws in zip(case["out_post"], case["draws"], strict=True):
        found = drawn_from(tensor(posterior), tensor(middles(posterior, draws)))
        np.testing.assert_array_equal(found, draws)


class Scripted:
    """A trainer whose networks say, and whose stream draws, what the golden file says.

    `place` holds where each row of the file stands in the view.
    """

    def __init__(self, case, place, batch_of):
        self.case, self.place, self.batch_of = case, place, batch_of
        self.device, self.recipe = torch.device("cpu"), types.SimpleNamespace(epochs=1)
        self.numbers = iter([middles(q, drawn) for q, drawn in zip(case["out_post"], case["draws"], strict=True)])
        self.states = []

    def generator(self, purpose):
        return types.SimpleNamespace(random=lambda size: next(self.numbers))

    def networks(self, count):
        return [None] * count

    def evaluate(self, networks):
        said = np.empty((len(self.place), 1, self.case["probs"].shape[2]), dtype=np.float32)
        said[self.place, 0] = np.eye(said.shape[2])[self.case["z0"]]
        return Outputs(said)

    def train(self, networks, loss, *, state, before_epoch, **rest):
        before_epoch(0)
        for step, (probabilities, index) in enumerate(zip(self.case["probs"], self.case["index"], strict=True)):
            logits = torch.from_numpy(np.log(probabilities))[None]
            batch = self.batch_of(
                logits,
                torch.from_numpy(self.case["noisy"][index]),
                rows=torch.from_numpy(self.place[index]),
                state=state,
                step=step,
                total_steps=len(self.case["probs"]),
            )
            found = loss(batch).item()
            latent = state.latent
            self.states.append((latent.counts.numpy().copy(), latent.transition.numpy(), latent.labels.numpy().copy()))
            expected = -np.log(probabilities)[np.arange(len(index)), self.case["draws"][step]].mean()
            np.testing.assert_allclose(found, expected, **TOLERANCE)
        yield Point(fraction=1.0)


def test_fit_counts_draws_and_refreshes_as_the_authors_in_whatever_order_the_rows_come(case, batch_of):
    order = np.random.default_rng(0).permutation(len(case["noisy"]))
    trainer = Scripted(case, np.argsort(order), batch_of)
    texts = NoisyTexts([""] * len(order), case["noisy"][order])
    method = LatentClassConditionalNoise(
        first_stage=0, fixed=0, refresh=int(case["freq_trans"]), smoothing=float(case["alpha"])
    )
    list(method.fit(NoisyView(texts, texts, case["probs"].shape[2]), trainer))
    for step, (counts, transition, labels) in enumerate(trainer.states):
        np.testing.assert_array_equal(counts, case["out_counts"][step])
        np.testing.assert_allclose(transition, case["out_trans"][step], **TOLERANCE)
        np.testing.assert_array_equal(labels, case["out_z"][step][order])
