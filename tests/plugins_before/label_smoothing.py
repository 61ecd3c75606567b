"""Label smoothing."""

from benchmark.contracts import register
from methods.engine import GradientMethod


@register
class LabelSmoothing(GradientMethod):
    """(1 - ε) CE(p, y) + ε · mean over classes k of CE(p, k).  Szegedy et al., CVPR 2016, arXiv:1512.00567."""

    name = "label_smoothing"
    family = "regularisation"

    epsilon: float = 0.1

    def loss(self, batch):
        spread = -batch.log_probabilities.mean(-1)  # over classes: (networks, batch)
        return ((1 - self.epsilon) * batch.losses + self.epsilon * spread).mean()
