"""LCCN's schedule, draws and counts."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from
from methods.lccn import LatentClassConditionalNoise, LatentLabels, drawn_from


def test_draws_follow_the_distribution():
    uniform = torch.from_numpy(np.random.default_rng(0).random(20_000))
    distribution = torch.tensor([0.2, 0.0, 0.5, 0.3], dtype=torch.float64).expand(len(uniform), 4)
    shares = torch.bincount(drawn_from(distribution, uniform), minlength=4) / len(uniform)
    np.testing.assert_allclose(shares, [0.2, 0.0, 0.5, 0.3], atol=0.01)
    assert shares[1] == 0


def test_the_number_zero_draws_no_impossible_class():
    distribution = torch.tensor([[0.0, 0.4, 0.6]], dtype=torch.float64)
    assert drawn_from(distribution, torch.zeros(1, dtype=torch.float64)).tolist() == [1]


def test_a_number_just_below_one_draws_a_class():
    distribution = torch.tensor([[0.1, 0.9 - 1e-9]], dtype=torch.float64)
    assert drawn_from(distribution, torch.tensor([1 - 1e-16], dtype=torch.float64)).tolist() == [1]


def test_counts_are_those_of_the_labels_and_the_matrix_waits_for_a_refresh():
    noisy = torch.tensor([0, 1, 2, 0])
    latent = LatentLabels(torch.tensor([0, 1, 2, 1]), noisy, 3, smoothing=1.0)
    before = latent.transition.clone()
    latent.put(torch.tensor([3, 2]), torch.tensor([0, 1]))
    assert latent.labels.tolist() == [0, 1, 1, 0]
    assert latent.counts.tolist() == [[2, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert torch.equal(latent.transition, before)
    latent.refresh()
    np.testing.assert_allclose(latent.transition, [[3 / 5, 1 / 5, 1 / 5], [1 / 5, 2 / 5, 2 / 5], [1 / 3] * 3])


def test_the_first_stage_is_cross_entropy_to_the_bit_and_what_follows_is_not():
    ours, plain = (train(method_from(name), easy_world()).predicted for name in ("lccn", "cross_entropy"))
    assert np.array_equal(ours[0], plain[0])
    assert not np.array_equal(ours[-1], plain[-1])


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"fixed": 0.25, "refresh": 4}, [16, 20, 24, 28]), ({"fixed": 0.75, "refresh": 1}, []), ({"fixed": 1.0}, [])],
)
def test_the_matrix_is_refreshed_at_every_so_many_steps_once_it_is_no_longer_fixed(monkeypatch, options, expected):
    refreshed, steps = [], []
    refresh, loss = LatentLabels.refresh, LatentClassConditionalNoise.loss
    monkeypatch.setattr(LatentLabels, "refresh", lambda self: (refreshed.append(steps[-1:]), refresh(self))[1])

    def watched(self, batch):
        steps.append(batch.step)
        return loss(self, batch)

    monkeypatch.setattr(LatentClassConditionalNoise, "loss", watched)
    train(LatentClassConditionalNoise(first_stage=0.25, **options), easy_world())
    assert steps[-1] == 31
    assert [step for (step,) in refreshed[1:]] == expected
