"""Exponential decay of labels against numbers that its authors' own code computed; see
golden/PROVENANCE.md.
"""

import numpy as np
import pytest
import torch

from benchmark.training.batch import TrainBatch
from methods.exp_decay import ExponentialDecay

TOLERANCE = {"rtol": 1e-8, "atol": 1e-10}

pytestmark = pytest.mark.golden("exp_decay")


class Scripted:
    """Gives the first pass, then the second; in evaluation mode the prediction."""

    def __init__(self, first, second, evaluated):
        self.passes, self.evaluated, self.training = iter((first, second)), evaluated, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def embed(self, encoded):
        return encoded

    def classify(self, _):
        return next(self.passes) if self.training else self.evaluated


@pytest.fixture
def steps(batch_of, leaf, tensor):
    """Each step of a case: our method, its batch and the logits of both passes."""

    def run(case, **options):
        chosen = {"divergence": "sum", "divergence_weight": float(case["lambda_r"])} | options
        method = ExponentialDecay(
            floor=float(case["p_threshold"]), kappa=float(case["exp"]), temperature=float(case["temp"]), **chosen
        )
        classes, total = case["logits_a"].shape[-1], len(case["labels"])
        prior = torch.full((classes,), 1 / classes, dtype=torch.float64)
        for s, labels in enumerate(case["labels"]):
            first, second = leaf(case["logits_a"][s]), leaf(case["logits_b"][s])
            batch = batch_of(first[None], tensor(labels), state=prior, step=s, total_steps=total)
            network = Scripted(first, second, tensor(case["logits_eval"][s]))
            yield method, TrainBatch(**{**vars(batch), "networks": [network]}), first, second

    return run


def test_weight_of_the_label_and_the_targets_are_the_authors(case, steps):
    for s, (method, batch, _, _) in enumerate(steps(case)):
        np.testing.assert_allclose(method.label_weight(batch.progress), case["out_w_x"][s], **TOLERANCE)
        np.testing.assert_allclose(method.targets(batch), case["out_targets"][s], **TOLERANCE)


def test_loss_and_gradients_with_a_summed_agreement_are_the_authors(case, steps):
    for s, (method, batch, first, second) in enumerate(steps(case)):
        loss = method.loss(batch)
        loss.backward()
        np.testing.assert_allclose(loss.item(), case["out_loss"][s], **TOLERANCE)
        np.testing.assert_allclose(first.grad, case["out_grad_a"][s], **TOLERANCE)
        np.testing.assert_allclose(second.grad, case["out_grad_b"][s], **TOLERANCE)


def test_agreement_is_a_mean_over_the_batch_where_the_authors_sum(case, steps):
    for s, (method, batch, _, _) in enumerate(steps(case, divergence="mean", divergence_weight=1.0)):
        expected = case["out_loss_cl"][s] + case["out_kl"][s] / case["labels"].shape[1] + case["out_penalty"][s]
        np.testing.assert_allclose(method.loss(batch).item(), expected, **TOLERANCE)
