"""The regularisers of NMTune on batches where their values are known."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from
from methods.nmtune import consistency, covariance, singular_share

TERMS = ("consistency", "covariance", "singular")


def drawn(*shape):
    return torch.from_numpy(np.random.default_rng(0).normal(size=shape))


def test_consistency_is_zero_where_the_embeddings_are_the_features_turned_and_scaled():
    features = drawn(6, 4)
    turn, _ = torch.linalg.qr(drawn(4, 4))
    unit = torch.nn.functional.normalize(features, dim=-1)
    assert consistency(3 * features @ turn, unit).item() == pytest.approx(0, abs=1e-12)
    assert consistency(features.flip(0), unit).item() > 0.01


def test_consistency_is_the_mean_over_pairs_of_squared_differences_of_cosines():
    apart, alike = torch.eye(2, dtype=torch.float64), torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    assert consistency(alike, apart).item() == pytest.approx(0.5)


def test_covariance_is_that_of_numpy_off_the_diagonal_over_the_width():
    embeddings = drawn(9, 5)
    matrix = np.cov(embeddings.numpy().T)
    expected = ((matrix**2).sum() - (np.diag(matrix) ** 2).sum()) / 5
    assert covariance(embeddings).item() == pytest.approx(expected)


def test_covariance_of_one_text_is_zero():
    assert covariance(drawn(1, 5)).item() == 0


def test_singular_share_of_equal_directions_is_one_over_their_number():
    assert singular_share(torch.eye(8, dtype=torch.float64), 5).item() == pytest.approx(1 / 8)


def test_singular_share_takes_what_there_is_where_a_batch_has_fewer_texts():
    assert singular_share(drawn(1, 8), 5).item() == pytest.approx(1)


@pytest.mark.parametrize("term", TERMS)
def test_each_weight_moves_the_training(term):
    plain = method_from("nmtune[consistency=0,covariance=0,singular=0]")
    alone = method_from(f"nmtune[{','.join(f'{name}={float(name == term)}' for name in TERMS)}]")
    here = easy_world()
    assert np.abs(train(alone, here).test - train(plain, here).test).max() > 1e-5


def test_without_its_terms_it_is_cross_entropy():
    here = easy_world()
    plain = train(method_from("nmtune[consistency=0,covariance=0,singular=0]"), here).test
    np.testing.assert_allclose(plain, train(method_from("cross_entropy"), here).test, atol=1e-6)
