"""The shape "two networks": the loss sees both rows of the logits, and a memory of targets is made by `start`."""

from benchmark.contracts import register
from methods.engine import GradientMethod


@register
class RememberedAgreement(GradientMethod):
    """Cross-entropy, and agreement with a moving average of the mean prediction of both networks."""

    name = "two_networks"
    networks = 2
    weight: float = 0.5
    momentum: float = 0.9

    def start(self, view, kit):
        import torch

        uniform = torch.full((len(view.train), view.num_classes), 1.0 / view.num_classes)
        return {"targets": uniform.to(kit.device)}

    def loss(self, batch):
        import torch

        targets = batch.state["targets"]
        mean = batch.probabilities.detach().mean(0)
        targets[batch.rows] = self.momentum * targets[batch.rows] + (1 - self.momentum) * mean
        agreement = -(targets[batch.rows] * torch.log_softmax(batch.logits, dim=-1)).sum(-1)
        return batch.losses.mean(1).sum() + self.weight * agreement.mean(1).sum()
