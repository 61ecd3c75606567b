import numpy as np
import torch

from methods.shared.losses import soft_cross_entropy
from methods.shared.mixing import Mixing, sharpen


def test_a_row_outweighs_its_partner_and_batch_and_network_axes_stay():
    draws = np.random.default_rng(0)
    rows = torch.randn(2, 7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for _ in range(50):
        mixing = Mixing.drawn(draws, 7, 0.75, torch.device("cpu"))
        assert 0.5 <= mixing.share <= 1.0
        assert sorted(mixing.partners.tolist()) == list(range(7))
        for k in range(2):
            expected = mixing.share * rows[k] + (1 - mixing.share) * rows[k][mixing.partners]
            torch.testing.assert_close(mixing(rows)[k], expected)


def test_sharpening_keeps_the_order_and_the_sum_and_raises_the_top():
    p = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    sharp = sharpen(p, 0.5)
    torch.testing.assert_close(sharp.sum(1), torch.ones(2))
    assert torch.equal(sharp.argsort(1), p.argsort(1))
    assert (sharp.amax(1) > p.amax(1)).all()
    torch.testing.assert_close(sharpen(p, 1.0), p)


def test_soft_cross_entropy_of_one_hot_targets_is_cross_entropy():
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(5) % 4
    found = soft_cross_entropy(logits, torch.nn.functional.one_hot(labels, 4).float())
    torch.testing.assert_close(found, torch.nn.functional.cross_entropy(logits, labels, reduction="none"))
