"""SiDyP's candidates, the parts of its second stage, and what it refuses."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import BenchmarkError, method_from
from methods.sidyp.diffusion import Denoiser, cosine_schedule, reverse
from methods.sidyp.prior import dynamic_prior, refined
from methods.sidyp.training import Refinement


def test_candidates_are_one_two_or_all_by_how_much_the_neighbours_agree():
    votes = torch.tensor([[0.95, 0.05, 0.0], [0.6, 0.3, 0.1], [0.4, 0.3, 0.3]])
    weights, uncertain = dynamic_prior(votes, 0.9, 0.8)
    assert uncertain.tolist() == [False, True, True]
    np.testing.assert_allclose(weights, [[1, 0, 0], [2 / 3, 1 / 3, 0], [0.4, 0.3, 0.3]], rtol=1e-6)


def test_a_prediction_that_is_no_candidate_refines_nothing():
    weights = torch.tensor([[0.5, 0.5, 0.0]])
    assert torch.equal(refined(weights, torch.tensor([2]), 4), weights)


def test_certain_texts_keep_their_weights():
    weights = torch.tensor([[[0.5, 0.5], [0.5, 0.5]]])
    refinement = Refinement(weights, torch.tensor([[True, False]]), torch.tensor([0, 0]))
    refinement.renew(0, torch.arange(2), torch.zeros_like, 4)
    assert weights[0, 0, 0] > 0.6
    assert weights[0, 1, 0] == 0.5


def test_reverse_process_of_a_text_does_not_depend_on_the_others():
    torch.manual_seed(0)
    denoiser, alphas = Denoiser(5, 3, 50, 8).eval(), cosine_schedule(50)
    text, label, draws = torch.randn(6, 8), torch.randn(6, 3), torch.randn(11, 1, 3)
    with torch.no_grad():
        together = reverse(denoiser, text, label, draws, alphas, 5.0)
        alone = torch.cat([reverse(denoiser, text[i : i + 1], label[i : i + 1], draws, alphas, 5.0) for i in range(6)])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_refinement_changes_what_is_learned():
    plain, ours = (train(method_from(f"sidyp[rounds={rounds},certain=1]"), easy_world()).test for rounds in (0, 4))
    assert not np.array_equal(plain, ours)


@pytest.mark.parametrize("field", ["steps=20", "reverse_steps=200"])
def test_more_reverse_steps_than_steps_are_out_of_range(field):
    with pytest.raises(BenchmarkError, match=field.partition("=")[0]):
        method_from(f"sidyp[{field}]")
