"""CausalNL's parts by hand-worked values, its authors' code having left none to compare
with.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.training.random_streams import TorchStream
from methods.causalnl import CausalNL, State
from methods.co_teaching import CoTeaching
from methods.shared.generative.causal_model import (
    CausalAutoencoder,
    CausalModels,
    Generated,
    Weights,
    generative_loss,
    gumbel_softmax,
)

GENERATED = Generated(
    embedding=torch.tensor([[1.0, 3.0], [0.0, 0.0]]),
    noisy_logits=torch.tensor([[0.0, 0.0], [0.0, math.log(3.0)]]),
    mean=torch.tensor([[1.0], [0.0]]),
    log_variance=torch.tensor([[0.0], [math.log(2.0)]]),
)
EMBEDDING, LABELS = torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([0, 1])


def models(rows=12, width=3, classes=4, networks=2):
    embeddings = torch.randn(rows, width, generator=torch.Generator().manual_seed(0))
    return CausalModels(embeddings, networks, classes, 5, 1e-2, TorchStream(0, torch.device("cpu")))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (Weights(1.0, 0.0, 0.0), (1 + 4 + 1 + 0) / 4),
        (Weights(0.0, 1.0, 0.0), (math.log(2) + math.log(4 / 3)) / 2),
        (Weights(0.0, 0.0, 1.0), 1.0 - (math.log(2) - 1)),
        (Weights(0.1, 0.1, 0.01), 0.15 + 0.05 * (math.log(2) + math.log(4 / 3)) + 0.01 * (2 - math.log(2))),
    ],
    ids=["rebuilding", "noisy label", "divergence", "as in the paper"],
)
def test_generative_loss_by_hand(weights, expected):
    assert generative_loss(GENERATED, EMBEDDING, LABELS, weights).item() == pytest.approx(expected, rel=1e-5)


def test_divergence_is_a_sum_over_the_batch_while_the_other_terms_are_means():
    twice = Generated(*(torch.cat([part, part]) for part in vars(GENERATED).values()))
    for weights, factor in ((Weights(1.0, 1.0, 0.0), 1.0), (Weights(0.0, 0.0, 1.0), 2.0)):
        once = generative_loss(GENERATED, EMBEDDING, LABELS, weights)
        both = generative_loss(twice, EMBEDDING.repeat(2, 1), LABELS.repeat(2), weights)
        assert both.item() == pytest.approx(factor * once.item(), rel=1e-6)


def test_the_divergence_is_lowest_at_the_standard_normal():
    at = replace(GENERATED, mean=torch.zeros(2, 1), log_variance=torch.zeros(2, 1))
    only = Weights(0.0, 0.0, 1.0)
    assert generative_loss(at, EMBEDDING, LABELS, only).item() == 0.0
    assert generative_loss(GENERATED, EMBEDDING, LABELS, only).item() > 0.0


def test_gumbel_softmax_without_noise_is_the_softmax_and_chooses_classes_by_their_probabilities():
    logits = torch.tensor([[0.5, -1.0, 2.0]])
    without = torch.full_like(logits, math.exp(-1.0))
    torch.testing.assert_close(gumbel_softmax(logits, without), torch.softmax(logits, dim=-1))
    uniform = torch.rand(20_000, 3, generator=torch.Generator().manual_seed(0))
    chosen = gumbel_softmax(logits.expand(20_000, -1), uniform).argmax(-1).bincount(minlength=3) / 20_000
    torch.testing.assert_close(chosen, torch.softmax(logits, dim=-1)[0], atol=0.01, rtol=0)
    extreme = gumbel_softmax(logits.expand(2, -1), torch.tensor([[0.0] * 3, [1.0] * 3]))
    torch.testing.assert_close(extreme.sum(-1), torch.ones(2))


def test_the_latent_has_the_normal_spread_that_the_authors_uniform_noise_halves_and_shifts():
    model = CausalAutoencoder(3, 2, 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.decoder[0].weight[0, 0] = 1.0
        model.decoder[0].bias[0] = 10.0
        model.decoder[2].weight[0, 0] = 1.0
        draws = torch.Generator().manual_seed(0)
        found = {}
        for name, noise in (
            ("normal", torch.randn(20_000, 1, generator=draws)),
            ("uniform", torch.rand(20_000, 1, generator=draws)),
        ):
            latent = model(torch.zeros(20_000, 3), torch.zeros(20_000, 2), noise).embedding[:, 0] - 10.0
            found[name] = latent.mean().item(), latent.std().item()
    assert found["normal"] == pytest.approx((0.0, 1.0), abs=0.02)
    assert found["uniform"] == pytest.approx((0.5, math.sqrt(1 / 12)), abs=0.02)


def test_the_authors_term_on_the_uniform_prior_is_the_same_for_every_prediction():
    predictions = torch.softmax(torch.randn(50, 6, generator=torch.Generator().manual_seed(0)), dim=-1)
    theirs = -(predictions * math.log(1 / 6)).sum(-1)
    torch.testing.assert_close(theirs, torch.full((50,), math.log(6)))


def test_the_bound_moves_every_classifier_and_co_teaching_only_what_is_kept(batch_of):
    logits = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    state = State(0.5, models())
    batch = batch_of(logits, torch.tensor([0, 1, 2, 3, 0, 1]), state=state, step=9, total_steps=10)
    taught = CoTeaching().loss(replace(batch, state=0.5))
    method = CausalNL(rebuilding=0.0, noisy_label=0.0, divergence=0.0)
    assert method.loss(batch).item() == pytest.approx(taught.item())
    taught.backward()
    dropped = (logits.grad == 0).all(-1)
    assert dropped.sum() == 6
    logits.grad = None
    CausalNL().loss(replace(batch)).backward()
    assert not (logits.grad == 0).all(-1).any()


def test_each_generative_model_learns_from_its_own_classifier_one_batch_late(batch_of):
    state = State(0.2, models())
    before = [p.detach().clone() for m in state.models.models for p in m.parameters()]
    logits = torch.zeros(2, 6, 4)
    batch = batch_of(logits, torch.tensor([0, 1, 2, 3, 0, 1]), state=state)
    CausalNL().loss(batch).backward()
    now = [p for m in state.models.models for p in m.parameters()]
    assert all(torch.equal(old, new) for old, new in zip(before, now, strict=True))
    CausalNL().loss(batch)
    assert all(not torch.equal(old, new) for old, new in zip(before, now, strict=True))
    first, second = (next(m.parameters()) for m in state.models.models)
    assert not torch.equal(first, second)


def test_rebuilding_is_learnt_and_constant_dimensions_do_no_harm():
    embeddings = torch.cat([torch.randn(64, 3, generator=torch.Generator().manual_seed(0)), torch.ones(64, 1)], dim=1)
    trained = CausalModels(embeddings, 1, 3, 5, 1e-2, TorchStream(0, torch.device("cpu")))
    assert trained.embeddings.isfinite().all()
    rows, labels = torch.arange(64), torch.arange(64) % 3
    logits = 10.0 * torch.nn.functional.one_hot(labels, 3)[None].float()
    losses = []
    for _ in range(150):
        trained.step()
        loss = trained.loss(logits, rows, labels, Weights(0.1, 0.1, 0.0))
        loss.backward()
        losses.append(loss.item())
    assert np.mean(losses[-10:]) < 0.5 * losses[0]


@pytest.mark.parametrize("step", [0, 2, 9])
def test_the_share_dropped_grows_as_co_teachings_does(batch_of, step):
    logits = torch.randn(2, 8, 4, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
    batch = batch_of(logits, labels, state=State(0.5, models()), step=step, total_steps=10)
    method = CausalNL(ramp=0.4, rebuilding=0.0, noisy_label=0.0, divergence=0.0)
    taught = CoTeaching(ramp=0.4).loss(replace(batch, state=0.5))
    assert method.loss(batch).item() == pytest.approx(taught.item())


def test_nothing_is_dropped_at_the_first_step_of_the_ramp(batch_of):
    logits = torch.randn(2, 8, 4, generator=torch.Generator().manual_seed(1))
    batch = batch_of(logits, torch.arange(8) % 4, state=State(0.5, models()), step=0, total_steps=10)
    method = CausalNL(ramp=0.4, rebuilding=0.0, noisy_label=0.0, divergence=0.0)
    assert method.loss(batch).item() == pytest.approx(batch.losses.mean(1).sum().item())


def test_the_embeddings_rebuilt_are_those_of_the_rows_of_the_batch():
    rows, labels = torch.tensor([7, 2, 9]), torch.tensor([0, 1, 2])
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1))
    weights = Weights(1.0, 0.0, 0.0)
    asked, in_order = models(), models()
    in_order.embeddings = in_order.embeddings[rows]
    expected = in_order.loss(logits, torch.arange(3), labels, weights)
    assert asked.loss(logits, rows, labels, weights).item() == pytest.approx(expected.item())


def test_gradients_of_a_batch_are_applied_once():
    generators = models()
    parameters = [parameter for model in generators.models for parameter in model.parameters()]
    logits, labels = torch.zeros(2, 6, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    generators.loss(logits, torch.arange(6), labels, Weights(1.0, 1.0, 1.0)).backward()
    generators.step()
    after_one = [parameter.detach().clone() for parameter in parameters]
    generators.step()
    for parameter, kept in zip(parameters, after_one, strict=True):
        assert torch.equal(parameter, kept)
