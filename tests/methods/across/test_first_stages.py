"""The first of two trainings is the method that it is said to be, and the second begins
where it is said to.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.conformance.results import _task, train
from benchmark.conformance.worlds import SHORT, world
from benchmark.contracts import method_from
from benchmark.training.threads import torch_threads
from benchmark.trial.run import make_trainer
from benchmark.trial.view import noisy_view
from methods.ido import InstanceDifficultyOptimization
from methods.shared.early_training import train_early

UNEVEN = 40
"""Training texts that leave a last batch of another size, so that means and sums over a
batch differ.
"""


@pytest.fixture
def here():
    with torch_threads(1):
        yield world(train=UNEVEN, recipe=replace(SHORT, points=4, points_in_first_epoch=0))


def trainer_of(name, here):
    return make_trainer(_task(method_from(name), here), method_from(name), here.trial_inputs, keep_embeddings=True)


@pytest.mark.parametrize(("name", "first"), [("npc", "cross_entropy"), ("cr_npc", "cr")])
def test_what_is_calibrated_is_a_training_by_the_method_before(name, first, here):
    shown = [outputs for _, outputs in method_from(name).classifier(trainer_of(name, here))]
    assert [outputs is None for outputs in shown] == [True] * (len(shown) - 1) + [False]
    alone = train(method_from(first), here).findings["train_probabilities"]
    np.testing.assert_array_equal(shown[-1].probabilities, alone)


def test_early_training_is_cross_entropy(here):
    early = train_early(noisy_view(method_from("forward"), here.trial_inputs), trainer_of("cross_entropy", here), 0.25)
    plain = train(method_from("cross_entropy"), here).predicted
    np.testing.assert_allclose(early.valid, plain[0][:, 0], rtol=1e-6)


@pytest.mark.parametrize(("share", "begins"), [(0.25, 0.25), (0.3, 0.5), (0.5, 0.5)])
def test_stage_two_of_ido_begins_after_the_first_point_at_its_share(share, begins, here, monkeypatch):
    later, loss = [], InstanceDifficultyOptimization.loss

    def watched(self, batch):
        if batch.state.weights is not None:
            later.append(batch.progress)
        return loss(self, batch)

    monkeypatch.setattr(InstanceDifficultyOptimization, "loss", watched)
    four = replace(here, recipe=replace(here.recipe, epochs=4, batch_size=UNEVEN))
    train(method_from(f"ido[stage_one={share}]"), four)
    assert later[0] == begins
