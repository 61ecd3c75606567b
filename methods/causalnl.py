"""CausalNL: a generative model of text embedding and noisy label beside co-teaching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import GradientMethod, NoisyView, Trainer, UsesNoiseRate, Within, above, at_least, register
from methods.shared.small_loss import exchanged_losses, forget_rate, kept_count

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch
    from methods.shared.generative.causal_model import CausalModels


@dataclass(frozen=True)
class State:
    """The noise rate r and the generative models, which one training remembers."""

    rate: float
    models: CausalModels


@register
class CausalNL(UsesNoiseRate, GradientMethod):
    """Causal model z, y → x and x, y → ỹ: its evidence bound trains two classifiers
    q(y | x), which also co-teach.

    L = L_coteach + Σ over both of 0.1 MSE(x̂, x) + 0.1 CE(p(ỹ | x̂, ŷ), ỹ) - 0.01 Σ (1
    + log σ² - μ² - σ²), with ŷ a Gumbel-softmax sample of q(y | x), q(z | x, ŷ) = N(μ,
    σ²), z of 25 dimensions, x̂ the decoded (z, ŷ). Co-teaching's share dropped grows
    over the first 30 % of the steps to the noise rate.

    Yao et al., NeurIPS 2021, arXiv:2109.02986, eq. 4 and section 4. Text adaptation: x
    is what the encoder gives of a text before any training, standardised, and encoder,
    decoder and noise model are perceptrons with one hidden layer of 256; the
    classifiers are whole networks. Prediction: the mean of both.
    """

    name = "causalnl"
    family = "generative"
    networks = 2
    citation = """@inproceedings{yao2021causalnl,
  title = {Instance-dependent Label-noise Learning under a Structural Causal Model},
  author = {Yao, Yu and Liu, Tongliang and Gong, Mingming and Han, Bo and Niu, Gang and Zhang, Kun},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2021}}"""
    departures = (
        "What is decoded is a fixed embedding of the text, by perceptrons; the authors decode images by convolutions.",
        "z is drawn with normal noise; the authors' code draws it with uniform noise.",
        "The term CE(ŷ, uniform), weight -1e-5, is left out: it is constant, since ŷ sums to one.",
        "Losses of co-teaching are divided by the kept count once; the authors' code divides a second time.",
        "The noise rate is estimated; the authors give the true one (`rate=oracle` here).",
        "The classifiers follow the recipe, the generative models Adam at 1e-3; the share to drop grows step by step.",
        "A point is chosen by noisy validation or is the last; the authors average the last ten test epochs.",
    )

    ramp: Annotated[float, Within(0, 1)] = 0.3
    latent: Annotated[int, Within(1, 10_000)] = 25
    rebuilding: Annotated[float, at_least(0)] = 0.1
    noisy_label: Annotated[float, at_least(0)] = 0.1
    divergence: Annotated[float, at_least(0)] = 0.01
    learning_rate: Annotated[float, above(0)] = 1e-3

    def start(self, view: NoisyView, trainer: Trainer) -> State:
        """Give the noise rate, and untrained generative models over the training texts'
        embeddings.
        """
        import torch

        from methods.shared.generative.causal_model import CausalModels

        embeddings = torch.from_numpy(trainer.frozen_embeddings()).to(trainer.device)
        stream = trainer.stream("generative model")
        models = CausalModels(embeddings, self.networks, view.num_classes, self.latent, self.learning_rate, stream)
        return State(self.noise_rate(view), models)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the loss of co-teaching plus the negative evidence bound of both causal
        models.
        """
        from methods.shared.generative.causal_model import Weights

        state: State = batch.state
        # The loop steps the classifiers only, so the models' gradients of the batch before are applied here.
        state.models.step()
        forget = forget_rate(batch.progress, state.rate, self.ramp, 1.0)
        taught = exchanged_losses(batch.losses, kept_count(forget, batch.losses.shape[1]))
        weights = Weights(self.rebuilding, self.noisy_label, self.divergence)
        return taught + state.models.loss(batch.logits, batch.rows, batch.noisy_labels, weights)
