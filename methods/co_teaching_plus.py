"""Co-teaching+: the exchange of small-loss examples, kept to those on which two
networks disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import Within, register
from methods.shared.small_loss import SmallLossMethod, exchanged_losses

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class CoTeachingPlus(SmallLossMethod):
    """Co-teaching over the first tenth of the steps, then only among examples that the
    two networks label differently.

    D' = {i : argmax p¹_i ≠ argmax p²_i}. Each network learns from the floor((1 - R)
    |D'|) examples of D' that the other finds easiest. R is the share to drop, as in
    co-teaching. Yu et al., ICML 2019, arXiv:1901.04215, algorithm 1.

    Text adaptation: the first phase is a share of the steps (10 %, one epoch of ten). A
    batch with fewer than four disagreements is skipped, since two heads over one
    encoder soon agree on nearly every text. The examples that they disagree about are
    then hard or wrong. Under clean labels this costs accuracy, even with a rate of 0,
    since most texts are no longer learned from.
    """

    name = "co_teaching_plus"
    family = "sample selection"
    citation = """@inproceedings{yu2019coteachingplus,
  title = {How does Disagreement Help Generalization against Label Corruption?},
  author = {Yu, Xingrui and Han, Bo and Yao, Jiangchao and Niu, Gang and Tsang, Ivor W. and Sugiyama, Masashi},
  booktitle = {Proceedings of ICML}, year = {2019}}"""
    departures = (
        "Cross-entropy is taken of the logits; the authors' code applies it to softmax outputs.",
        "The mean over the kept examples is taken once; the authors' code divides by their number a second time.",
        "A batch with fewer than `fewest` disagreements changes nothing; the authors' code learns from all of a small "
        "disagreement set, and from the whole batch where there is none while step < 5000.",
        "Every disagreeing example counts; the authors' code loses one where the batch holds the data set's first.",
        "The noise rate is estimated; the authors give the true one (`rate=oracle` here).",
        "The share to drop grows step by step, not epoch by epoch.",
    )

    warmup: Annotated[float, Within(0, 1, "[)")] = 0.1
    fewest: Annotated[int, Within(1, "batch_size")] = 4

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the exchanged losses, after the first phase those of the disagreement
        set.

        Where that set is too small, the loss is a constant.
        """
        losses = batch.losses
        if batch.progress >= self.warmup:
            first, second = batch.logits.argmax(-1)
            losses = losses[:, first != second]
            if losses.shape[1] < self.fewest:
                # No parameter enters, so that the optimisers leave every weight as it is.
                return losses.new_zeros((), requires_grad=True)
        return exchanged_losses(losses, self.kept(batch, losses.shape[1]))
