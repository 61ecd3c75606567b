"""Co-teaching: two networks choose each other's small-loss examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import register
from methods.shared.small_loss import SmallLossMethod, exchanged_losses

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class CoTeaching(SmallLossMethod):
    """Two networks; in each batch either learns from the examples that the other finds
    easiest.

    The share dropped grows linearly to r^c over the first T_k steps, then is r, the
    noise rate (c = 1 by default). Han et al., NeurIPS 2018, arXiv:1804.06872, algorithm
    1. Text adaptation: T_k is a share of the steps (30 %), since fine-tuned models
    memorise within few epochs.
    """

    name = "co_teaching"
    family = "sample selection"
    citation = """@inproceedings{han2018coteaching,
  title = {Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy Labels},
  author = {Han, Bo and Yao, Quanming and Yu, Xingrui and Niu, Gang and Xu, Miao and Hu, Weihua and Tsang, Ivor and
            Sugiyama, Masashi},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2018}}"""
    departures = (
        "The mean over the kept examples is taken once; the authors' code divides by their number a second time.",
        "At least one example of a batch is kept; the kept share is not lowered by floating-point truncation.",
        "The noise rate is estimated; the authors give the true one (`rate=oracle` here).",
        "The share to drop grows step by step, not epoch by epoch.",
    )

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the sum of both networks' losses on what the other one kept."""
        return exchanged_losses(batch.losses, self.kept(batch, batch.losses.shape[1]))
