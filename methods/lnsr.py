"""LNSR: noise in a lower layer must not move the layers above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from benchmark.contracts import GradientMethod, NoisyView, Trainer, Within, above, at_least, register
from benchmark.contracts.handles import Stream

if TYPE_CHECKING:
    from torch import Tensor, nn

    from benchmark.contracts.batch import TrainBatch


def layers_of(network: Any) -> list[nn.Module]:
    """Give the layers of a transformer, lowest first, or else the first linear layer
    alone.
    """
    from torch import nn

    stacks = [list(part) for part in network.modules() if isinstance(part, nn.ModuleList)]
    if stacks:
        return max(stacks, key=len)
    return [next(part for part in network.modules() if isinstance(part, nn.Linear))]


@dataclass
class Pass:
    """What went through some layers in one pass, and what it takes to repeat it.

    `calls` are the layers' arguments, and `outputs` are (B, T, D) or (B, D).
    """

    layers: list[nn.Module]
    calls: list[tuple[Any, Any]] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    random_state: tuple[Tensor, Tensor | None] | None = None
    autocast: bool = False

    @property
    def lower(self) -> Tensor:
        """The input of the first of the layers."""
        hidden: Tensor = self.calls[0][0][0]
        return hidden

    def entered(self, _: Any, arguments: Any, options: Any) -> None:
        """Note a layer's arguments, and before the first one where the random stream
        stands.
        """
        import torch

        if self.random_state is None:
            device = arguments[0].device
            on_gpu = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
            self.random_state, self.autocast = (torch.get_rng_state(), on_gpu), torch.is_autocast_enabled(device.type)
        self.calls.append((arguments, options))

    def left(self, _: Any, __: Any, output: Any) -> None:
        """Note a layer's output."""
        self.outputs.append(_hidden(output))

    def repeated(self, hidden: Tensor) -> list[Tensor]:
        """Give the outputs of the same layers for another input, under the same
        dropout.
        """
        import torch

        device, outputs = hidden.device, []
        gpus = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=gpus), torch.autocast(device.type, torch.bfloat16, enabled=self.autocast):
            assert self.random_state is not None
            torch.set_rng_state(self.random_state[0])
            if self.random_state[1] is not None:
                torch.cuda.set_rng_state(self.random_state[1], device)
            for layer, (arguments, options) in zip(self.layers, self.calls, strict=True):
                hidden = _hidden(layer(hidden, *arguments[1:], **options))
                outputs.append(hidden)
        return outputs


@contextmanager
def watched(layers: list[nn.Module]) -> Iterator[Pass]:
    """Note the pass that goes through the layers inside the block."""
    seen = Pass(layers)
    hooks = [layer.register_forward_pre_hook(seen.entered, with_kwargs=True) for layer in layers]
    hooks += [layer.register_forward_hook(seen.left) for layer in layers]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _hidden(output: Any) -> Tensor:
    hidden: Tensor = output[0] if isinstance(output, tuple) else output
    return hidden


def noise_like(hidden: Tensor, size: float) -> Tensor:
    """Give Gaussian noise, scaled for each token to `size` times the norm of its
    state.
    """
    import torch

    drawn = torch.randn_like(hidden)
    noise: Tensor = drawn * (size * hidden.detach().norm(dim=-1, keepdim=True) / drawn.norm(dim=-1, keepdim=True))
    return noise


def mean_square(states: Tensor, mask: Tensor | None) -> Tensor:
    """Give the mean of the squares over dimensions and the tokens that the mask (B, T)
    keeps.
    """
    squares = states.float().square().mean(-1)
    if mask is None:
        return squares.mean()
    return (squares * mask).sum() / mask.sum()


@register
class NoiseStability(GradientMethod):
    """L = mean CE(p, ỹ) + λ mean_{r > b} mean (h'_r - h_r)² / (ρ² mean h_b²).

    h_r are the states above layer r of a transformer. h'_r are those that follow from
    h_b + ε, under the same dropout, with ε = ρ |h_b| g / |g| for each token and g
    Gaussian. The means go over texts, tokens without padding and dimensions. The
    division makes λ the weight of a relative error, whatever ρ.

    Hua et al., NAACL 2021, arXiv:2107.04835. No code of the authors is known. The noise
    in one lower layer, the penalty on the layers above it and the size of 5 % of the
    norm are the paper's. λ, the layer, a quarter of the way up, and the scaling are
    ours.

    This is a control: the regulariser was made for steadier fine-tuning on few texts,
    not against wrong labels. Over a frozen encoder the one layer above the features is
    the head's hidden layer, before its activation. There the term is, but for the draw
    of ε, a penalty on the squared weights of that layer.
    """

    name = "lnsr"
    family = "regularisation"
    citation = """@inproceedings{hua2021lnsr,
  title = {Noise Stability Regularization for Improving {BERT} Fine-tuning},
  author = {Hua, Hang and Li, Xingjian and Dou, Dejing and Xu, Cheng-Zhong and Luo, Jiebo},
  booktitle = {Proceedings of NAACL}, year = {2021}}"""
    departures = (
        "The penalty is divided by the size of the noise and averaged over the layers, so that λ does not depend on "
        "either.",
        "Both passes go through the layers above the noise alone and drop the same units; the norms that scale the "
        "noise and the penalty carry no gradient.",
        "The variant whose noise is the difference of two texts' states is left out.",
    )

    weight: Annotated[float, at_least(0)] = 1.0
    size: Annotated[float, above(0)] = 0.05
    depth: Annotated[float, Within(0, 1, "[)")] = 0.25

    def start(self, view: NoisyView, trainer: Trainer) -> Stream:
        """Give the stream that g is drawn from."""
        return trainer.stream("noise in a lower layer")

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean cross-entropy plus the penalty."""
        import torch

        layers = layers_of(batch.networks[0])
        # A batch of its own goes through the layers here, even if somebody has looked at this one's logits before.
        own = batch.only(torch.arange(len(batch.rows), device=batch.rows.device))
        with watched(layers[int(self.depth * len(layers)) :]) as seen:
            loss = own.losses.mean()
        with batch.state():
            noise = noise_like(seen.lower, self.size)
        mask = batch.encoded["attention_mask"] if isinstance(batch.encoded, Mapping) else None
        moved = seen.repeated(seen.lower + noise)
        drift = sum(mean_square(after - before, mask) for after, before in zip(moved, seen.outputs, strict=True))
        scale = self.size**2 * len(moved) * mean_square(seen.lower.detach(), mask).clamp_min(1e-12)
        total: Tensor = loss + self.weight * drift / scale
        return total
