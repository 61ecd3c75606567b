"""What all methods of a cell share, to the bit: initial weights, batches and
dropout.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import world
from benchmark.contracts import Method, method_from, methods
from benchmark.training.trainer import TrialTrainer

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
STEPS = 3


@dataclass
class Beginning:
    """How the first training of a trial began: weights, row numbers, and the logits of
    step 0 under dropout.

    `began`: whether a training began. `whole`: whether it learns from all texts, so
    that its batches can be those of others.
    """

    whole: bool = True
    began: bool = False
    weights: list[dict[str, torch.Tensor]] = field(default_factory=list)
    rows: list[torch.Tensor] = field(default_factory=list)
    logits: torch.Tensor | None = None


@pytest.fixture
def begin(monkeypatch):
    """Trains a method and gives how it began."""
    original, original_networks = TrialTrainer.train, TrialTrainer.networks

    def run(name, seed=0, **changes):
        seen = Beginning()

        def train_and_tell(self, networks, loss, **options):
            first = not seen.began
            if first:
                seen.began, seen.whole = True, options.get("rows") is None

            def told(batch):
                if first and batch.step < STEPS:
                    seen.rows.append(batch.rows.clone())
                if first and batch.step == 0:
                    # A batch of its own, since a method may follow how the logits of its batch come about.
                    seen.logits = replace(batch).logits.detach().clone()
                return loss(batch)

            yield from original(self, networks, told, **options)

        def made_and_told(self, count):
            networks = original_networks(self, count)
            if not seen.weights:
                seen.weights = [{k: v.clone() for k, v in n.state_dict().items()} for n in networks]
            return networks

        with monkeypatch.context() as patched:
            patched.setattr(TrialTrainer, "train", train_and_tell)
            patched.setattr(TrialTrainer, "networks", made_and_told)
            train(method_from(name), replace(world(seed=seed), **changes))
        return seen

    return run


def same_weights(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_every_method_begins_with_the_same_weights_batches_and_dropout(begin):
    # A control that trains no network has no beginning.
    beginnings = [seen for seen in map(begin, REGISTERED) if seen.began]
    pairs = [seen for seen in beginnings if len(seen.weights) == 2]
    assert len(pairs) > 1, "methods of two networks are among them"
    for seen in beginnings:
        assert same_weights(seen.weights[0], beginnings[0].weights[0])
    whole = [seen for seen in beginnings if seen.whole]
    longest = max(whole, key=lambda seen: len(seen.rows))
    assert len(longest.rows) == STEPS
    assert len(whole) > len(beginnings) // 2, "most methods learn from all texts first"
    for seen in whole:
        # A first stage may stop before the third step.
        assert all(torch.equal(own, rows) for own, rows in zip(seen.rows, longest.rows, strict=False))
        assert seen.rows
        assert torch.equal(seen.logits[0], longest.logits[0])
    for seen in pairs:
        assert same_weights(seen.weights[1], pairs[0].weights[1])
        assert torch.equal(seen.logits[1], pairs[0].logits[1])


def test_another_seed_gives_other_weights_and_other_batches(begin):
    here = world()
    first = begin("cross_entropy")
    # The same materials under another training seed: only the named streams can make the difference.
    second = begin("cross_entropy", trial_inputs=here.trial_inputs, seed=0)
    third = begin("cross_entropy", seed=1, trial_inputs=here.trial_inputs)
    assert same_weights(first.weights[0], second.weights[0])
    assert not torch.equal(first.weights[0]["hidden.weight"], third.weights[0]["hidden.weight"])
    assert any(not torch.equal(a, b) for a, b in zip(first.rows, third.rows, strict=True))


def test_networks_of_one_method_begin_apart(begin):
    first, second = begin("cr").weights
    assert not torch.equal(first["hidden.weight"], second["hidden.weight"])
    assert not torch.equal(first["classifier.weight"], second["classifier.weight"])


def test_dropout_is_at_work_in_the_logits_that_are_compared(begin):
    without = replace(world().recipe, dropout=0.0)
    assert not torch.equal(begin("cr").logits, begin("cr", recipe=without).logits[:2])


def test_a_methods_parameters_move_neither_weights_nor_batches(begin):
    plain, other = begin("gce"), begin("gce[q=0.2]")
    assert same_weights(plain.weights[0], other.weights[0])
    assert all(map(torch.equal, plain.rows, other.rows))
    assert torch.equal(plain.logits, other.logits)


def test_own_draws_differ_between_methods_and_are_the_same_twice():
    kits = {}

    def own(name):
        here = world()

        class Draws(Method):
            def fit(self, view, trainer):
                drawn = trainer.generator("purpose").random(4)
                with trainer.stream("purpose")():
                    kits[name] = drawn, torch.rand(4)
                yield from trainer.train(trainer.networks(1), lambda batch: batch.losses.mean())

            def __str__(self):
                return name

        Draws.name = name
        train(Draws(), here)
        return kits[name]

    one, again, other = own("one"), own("one"), own("other")
    np.testing.assert_array_equal(one[0], again[0])
    assert torch.equal(one[1], again[1])
    assert (one[0] != other[0]).all()
    assert not torch.equal(one[1], other[1])
