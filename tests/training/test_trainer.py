"""The kit's own promises: passes are counted, eval mode is pure, rows and clipping and
time limits hold.
"""

import time

import numpy as np
import pytest
import torch

from benchmark.conformance.worlds import SHORT
from benchmark.contracts import TrainingDiagnostics
from benchmark.training.encoders.names import encoder_from
from benchmark.training.inputs import FeatureInputs
from benchmark.training.recipes import Recipe
from benchmark.training.trainer import TrialTimeoutError, TrialTrainer

ROWS, CLASSES = 40, 3


def trainer_of(recipe=SHORT, seed=0, **options):
    draws = np.random.default_rng(0)
    features = draws.normal(size=(ROWS, 6)).astype(np.float32)
    return TrialTrainer(
        encoder=encoder_from("frozen:anything"),
        recipe=recipe,
        num_classes=CLASSES,
        inputs={"train": FeatureInputs(features, np.arange(ROWS))},
        noisy_labels=np.arange(ROWS) % CLASSES,
        shared_seed=("cell", seed),
        own_seed=("cell", seed, "method"),
        **options,
    )


def plain(batch):
    return batch.losses.sum(0).mean()


def weights_after(trainer, count, loss=plain, **options):
    networks = trainer.networks(count)
    for _ in trainer.train(networks, loss, **options):
        pass
    return [{name: value.clone() for name, value in network.state_dict().items()} for network in networks]


def equal(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_first_network_is_the_same_to_the_bit_whether_one_or_two_are_trained():
    alone, (first, second) = weights_after(trainer_of(), 1)[0], weights_after(trainer_of(), 2)
    assert equal(alone, first)
    assert not equal(first, second)


def test_looking_at_points_moves_nothing():
    quiet = weights_after(trainer_of(), 1)[0]
    trainer = trainer_of(keep_embeddings=True)
    networks = trainer.networks(1)
    for point in trainer.train(networks, plain):
        trainer.outputs(trainer._train_inputs, point.observe)
        trainer.evaluate(networks, embedding=True)
    assert equal(quiet, networks[0].state_dict())


def test_global_stream_is_neither_read_nor_moved():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = weights_after(trainer_of(), 2)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    assert all(map(equal, first, weights_after(trainer_of(), 2)))


def test_second_view_drops_other_units_and_leaves_the_global_stream():
    seen = []

    def loss(batch):
        seen.append((batch.logits.detach(), batch.second_view().detach()))
        return plain(batch)

    before = torch.get_rng_state()
    weights_after(trainer_of(), 1, loss)
    assert torch.equal(before, torch.get_rng_state())
    assert all(not torch.equal(first, second) for first, second in seen)


def test_two_trainings_of_one_trial_drop_different_units():
    trainer = trainer_of(recipe=Recipe(**{**SHORT.as_config(), "dropout": 0.5}))
    assert not equal(weights_after(trainer, 1)[0], weights_after(trainer, 1)[0])


def test_training_on_chosen_rows_sees_those_rows_alone():
    rows, seen = np.arange(5, 25), []

    def loss(batch):
        seen.extend(batch.rows.tolist())
        assert (batch.noisy_labels == batch.rows % CLASSES).all()
        return plain(batch)

    weights_after(trainer_of(), 1, loss, rows=rows)
    assert sorted(seen) == sorted(rows.tolist() * SHORT.epochs)


def test_progress_and_epochs_count_up_and_before_epoch_comes_first():
    told = []

    def loss(batch):
        told.append((batch.epoch, batch.step, batch.progress))
        return plain(batch)

    weights_after(trainer_of(), 1, loss, before_epoch=lambda epoch: told.append(epoch))
    steps = 3
    expected = []
    for epoch in range(SHORT.epochs):
        expected.append(epoch)
        numbers = range(epoch * steps, (epoch + 1) * steps)
        expected += [(epoch, number, number / (steps * SHORT.epochs)) for number in numbers]
    assert told == expected


def test_points_fall_at_the_fractions_of_the_recipe_and_carry_what_was_asked():
    trainer = trainer_of()
    found = TrainingDiagnostics(noise_rate=0.5)
    points = list(trainer.train(trainer.networks(1), plain, findings=lambda: found, selectable=False, stage=3))
    assert [point.fraction for point in points] == list(SHORT.point_steps(3 * SHORT.epochs).values())
    assert all(point.stage == 3 and not point.selectable and point.findings() is found for point in points)


def test_evaluation_keeps_the_order_of_rows_and_gives_probabilities_and_embeddings():
    trainer = trainer_of()
    networks = trainer.networks(2)
    seen = trainer.evaluate(networks, embedding=True)
    assert seen.probabilities.shape == (ROWS, 2, CLASSES)
    assert seen.embedding.shape == (ROWS, 2, SHORT.hidden)
    assert seen.embedding.dtype == np.float16
    row = trainer.observe(networks, trainer._train_inputs.batch(np.array([17]), trainer.device))
    np.testing.assert_allclose(row.probabilities[0], seen.probabilities[17], rtol=1e-5)
    np.testing.assert_allclose(seen.probabilities.sum(2), 1.0, rtol=1e-5)
    assert all(network.training for network in networks)


def test_passes_are_counted_in_texts_times_networks():
    trainer = trainer_of()
    weights_after(trainer, 2)
    assert trainer.counts.forward_texts == trainer.counts.backward_texts == ROWS * SHORT.epochs * 2
    trainer.evaluate(trainer.networks(2))
    assert trainer.counts.forward_texts == ROWS * (SHORT.epochs + 1) * 2


def test_each_network_is_clipped_on_its_own():
    recipe = Recipe(**{**SHORT.as_config(), "clip_norm": 1e-3})
    trainer = trainer_of(recipe=recipe)
    networks = trainer.networks(2)
    norms = []
    for _ in trainer.train(networks, lambda batch: 1e4 * batch.losses[0].mean() + batch.losses[1].mean()):
        norms.append([torch.stack([p.grad.norm() for p in network.parameters()]).norm().item() for network in networks])
    np.testing.assert_allclose(norms, 1e-3, rtol=1e-2)


def test_weights_decay_by_the_recipes_rate_and_biases_do_not():
    recipe = Recipe(**{**SHORT.as_config(), "weight_decay": 0.5})
    trainer = trainer_of(recipe=recipe)
    (network,) = networks = trainer.networks(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(1.0)
    for _ in trainer.train(networks, lambda batch: 0.0 * batch.losses.sum()):
        pass
    steps = recipe.total_steps(ROWS)
    decayed = (1 - recipe.learning_rate * recipe.weight_decay) ** steps
    for parameter in network.parameters():
        expected = decayed if parameter.ndim > 1 else 1.0
        np.testing.assert_allclose(parameter.detach(), expected, rtol=1e-5)


def test_two_networks_of_equal_weights_drop_different_units():
    trainer = trainer_of(recipe=Recipe(**{**SHORT.as_config(), "dropout": 0.5}))
    first, second = networks = trainer.networks(2)
    second.load_state_dict(first.state_dict())
    dropped = []

    def loss(batch):
        if batch.step == 0:
            dropped.append(batch.logits.detach())
        return plain(batch)

    for _ in trainer.train(networks, loss):
        pass
    assert not torch.equal(*dropped[0])


def test_points_fall_at_the_steps_that_were_asked_for():
    trainer = trainer_of()
    points = trainer.train(trainer.networks(1), plain, points={2: 0.25, 6: 1.0})
    assert [(point.fraction, trainer.counts.backward_texts) for point in points] == [(0.25, 32), (1.0, 2 * ROWS)]


def test_a_trial_past_its_time_limit_is_stopped():
    trainer = trainer_of(deadline=time.monotonic() - 1.0)
    with pytest.raises(TrialTimeoutError, match="time limit"):
        weights_after(trainer, 1)


def test_time_of_phases_adds_up_by_name():
    trainer = trainer_of()
    for _ in range(2):
        with trainer.phase("mine"):
            time.sleep(0.01)
    assert 0.02 <= trainer.counts.seconds["mine"] < 0.2


def test_nothing_to_observe_is_an_error():
    trainer = trainer_of()
    with pytest.raises(ValueError, match="no texts"):
        trainer.outputs(trainer._train_inputs.subset(np.array([], dtype=np.int64)), lambda batch: batch)


def test_frozen_embeddings_are_the_encoders_own_whatever_was_trained():
    trainer = trainer_of()
    before = trainer.frozen_embeddings()
    weights_after(trainer, 1)
    assert np.array_equal(trainer.frozen_embeddings(), before)
    assert np.allclose(before.mean(axis=0), 0.0, atol=1e-5)
    assert np.allclose(before.std(axis=0), 1.0, atol=1e-4)


def test_a_split_that_was_not_granted_cannot_be_looked_at():
    trainer = trainer_of()
    with pytest.raises(KeyError):
        trainer.evaluate(trainer.networks(1), split="test")


def test_some_texts_of_a_batch_are_a_batch_of_their_own():
    seen = []

    def loss(batch):
        part = batch.only(torch.tensor([2, 0]))
        assert part.rows.tolist() == batch.rows[[2, 0]].tolist()
        assert part.noisy_labels.tolist() == batch.noisy_labels[[2, 0]].tolist()
        seen.append((part.evaluated(), batch.evaluated()[:, [2, 0]]))
        return plain(batch)

    weights_after(trainer_of(), 2, loss)
    for part, whole in seen:
        torch.testing.assert_close(part, whole)
        torch.testing.assert_close(part.sum(-1), torch.ones(2, 2))
        assert not part.requires_grad


def test_evaluation_within_a_step_moves_neither_dropout_nor_training_mode():
    def loss(batch):
        batch.evaluated()
        assert all(network.training for network in batch.networks)
        return plain(batch)

    assert all(map(equal, weights_after(trainer_of(), 2), weights_after(trainer_of(), 2, loss)))


def even_steps_alone(batch):
    return plain(batch) if batch.step % 2 == 0 else None


def test_a_skipped_update_leaves_the_networks_as_they_are():
    trainer = trainer_of()
    (network,) = networks = trainer.networks(1)
    moved, before = [], [network.state_dict()["classifier.weight"].clone()]

    def loss(batch):
        now = network.state_dict()["classifier.weight"].clone()
        moved.append(not torch.equal(now, before.pop()))
        before.append(now)
        return even_steps_alone(batch)

    for _ in trainer.train(networks, loss):
        pass
    assert moved == [False, True] * (len(moved) // 2)


def test_a_skipped_update_is_a_step_of_the_schedule_and_of_the_points():
    asked = []

    def rate(step, total):
        asked.append(step)
        return 0.01

    def points(loss, trainer, **options):
        return [point.fraction for point in trainer.train(trainer.networks(1), loss, **options)]

    assert points(even_steps_alone, trainer_of(), learning_rate=rate) == points(plain, trainer_of())
    assert asked == [0, 2, 4]


def test_a_skipped_update_costs_no_backward_pass():
    whole, half = trainer_of(), trainer_of()
    weights_after(whole, 1)
    weights_after(half, 1, even_steps_alone)
    assert half.counts.forward_texts == whole.counts.forward_texts
    assert 0 < half.counts.backward_texts < whole.counts.backward_texts
