"""Instance-dependent noise on raw token ids, as DyGen released it; for comparison
only.
"""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._part_dependent import corrupt_by_parts, flip_probabilities


@register_noise
class InstanceTokenIds(NoiseModel):
    """As `instance`, but x is the text's raw token ids, and each split has projections
    W of its own.

    `corrupt_dataset_IDN` of night-chen/DyGen at 371a0db (Zhuang et al., KDD 2023,
    arXiv:2305.19395). x: 128 word pieces of BERT's uncased vocabulary, [CLS] and [SEP]
    among them, zeros behind. Kept on purpose: ids up to 30,521 times normal entries
    make the softmax one-hot, so a class's flips crowd on few targets and the noise is
    close to an asymmetric one; and W differs between training and validation, so their
    noise disagrees. Use `instance` for noise that follows what a text says.

    Departures. Exact counts by class, nested sets and the mean of the flip rates as in
    `instance`, where the released code draws each label on its own; named seeds in
    place of the training seed; 128 tokens for every corpus, where it takes 150 for
    20news and 64 for TREC.
    """

    name = "instance_token_ids"
    family = "instance-dependent"
    citation = """@inproceedings{zhuang2023dygen,
  title = {DyGen: Learning from Noisy Labels via Dynamics-Enhanced Generative Modeling},
  author = {Zhuang, Yuchen and Yu, Yue and Kong, Lingkai and Chen, Xiang and Zhang, Chao},
  booktitle = {Proceedings of KDD}, year = {2023}}"""
    reads_token_ids = True
    flip_score = "probability of a wrong label"
    rate: NoiseRate

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,); both the set and its targets are nested
        across rates.
        """
        features = self.require(inputs.token_ids, "token ids").astype(np.float64)
        return corrupt_by_parts(inputs, self.rate, features, inputs.draws.shared(f"projection of {inputs.draws.split}"))

    def flip_scores(self, inputs: NoiseInputs) -> FloatArray:
        """Give π(u, rate) as in `instance`, float64 (N,)."""
        return flip_probabilities(inputs.draws.uniform("propensity"), self.rate)

    def rate_bound(self, num_classes: int) -> float:
        """Give one half: a class's flips may all go to one other class."""
        return 0.5
