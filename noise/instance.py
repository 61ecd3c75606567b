"""Instance-dependent noise: how likely an example is mislabelled, and as what, depends
on its text.
"""

from __future__ import annotations

from typing import Annotated

from benchmark.contracts import LabelArray, NoiseInputs, NoiseModel, NoiseRate, at_least, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._part_dependent import corrupt_by_parts, flip_probabilities, unit_length


@register_noise
class Instance(NoiseModel):
    """P(ỹ = j | x, y) = q · softmax over j ≠ y of (x · W_y)_j, with q ~ N(rate, 0.1²)
    truncated to [0, 1].

    Xia et al., NeurIPS 2020, arXiv:2006.07836, algorithm 2. x: features at length
    `scale`; W_y: normal entries, one draw for all splits. At `scale` 3 and 20 classes a
    text's likeliest target is drawn .58 of the time.

    Departures. The paper draws each label on its own. Here each class has its exact
    count of flips, chosen by order sampling (Rosén, J. Statist. Plann. Inference 62,
    1997). Example i, with its two uniforms u and v, turns at the lowest rate r with v <
    π(u, r) = min(1, q(u, r) · r / E q(r)), q(u, r) being the u-quantile of the
    truncated normal. The earliest to turn are flipped. When an example turns does not
    depend on `rate`, so the sets are nested, and it is flipped with probability π(u,
    rate) up to terms that vanish as its class grows. The factor r / E q takes out the
    truncation's shift of the mean (.205 for .2). A third uniform picks the target by
    inverse cdf.
    """

    name = "instance"
    family = "instance-dependent"
    citation = """@inproceedings{xia2020part,
  title = {Part-dependent Label Noise: Towards Instance-dependent Label Noise},
  author = {Xia, Xiaobo and Liu, Tongliang and Han, Bo and Wang, Nannan and Gong, Mingming and Liu, Haifeng and
            Niu, Gang and Tao, Dacheng and Sugiyama, Masashi},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2020}}"""
    reads_features = True
    flip_score = "probability of a wrong label"
    rate: NoiseRate
    scale: Annotated[float, at_least(0)] = 3.0

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,); both the set and its targets are nested
        across rates.
        """
        features = self.scale * unit_length(self.require(inputs.features, "features"))
        return corrupt_by_parts(inputs, self.rate, features, inputs.draws.shared("projection"))

    def flip_scores(self, inputs: NoiseInputs) -> FloatArray:
        """Give π(u, rate), float64 (N,)."""
        return flip_probabilities(inputs.draws.uniform("propensity"), self.rate)

    def rate_bound(self, num_classes: int) -> float:
        """Give one half: from there on a single wrong class can outweigh the true one
        wherever targets concentrate.
        """
        return 0.5
