"""DyGen from trajectories to predictions: the authors' whole computation against ours;
see golden/PROVENANCE.md.

Their code reads clean validation and test labels, which `mode=released_leaky` does,
too.
"""

import contextlib
import types
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.contracts import Need, NoisyTexts, NoisyView, Outputs
from methods.dygen import DyGen
from methods.dygen.prior import concentrations, make_prior
from methods.dygen.settings import RELEASED
from methods.shared.generative import model as generative
from methods.shared.generative.autoencoder import DirichletAutoencoders
from methods.shared.generative.model import train_generative
from tests.support.golden_autoencoder import fill

pytestmark = pytest.mark.golden("dygen_end_to_end")

CLOSE = {"rtol": 1e-4, "atol": 1e-6}


def released(case, **changes):
    """The authors' computation with the case's settings."""
    given = {
        "mode": "released_leaky",
        "rate": float(case["noise_ratio"]),
        "branches": len(case["E"]),
        "prior_strength": float(case["prior_norm"]),
        "stage_two_epochs": int(case["total_iter"]),
        "stage_two_batch": int(case["vae_batch"]),
        "stage_two_agreement": float(case["lambda_t"]),
        "warmup": float(case["warmup_epochs"]),
    }
    return replace(DyGen(**given), **RELEASED, **changes)


def view_of(case):
    def texts(labels):
        return NoisyTexts([""] * len(labels), labels)

    clean = {Need.CLEAN_VALID_LABELS: case["y_val"], Need.CLEAN_TEST_LABELS: case["y_test"]}
    return NoisyView(texts(case["ny_train"]), texts(case["ny_val"]), int(case["C"]), declared_inputs=clean)


def trainer_of(case):
    return types.SimpleNamespace(
        device=torch.device("cpu"),
        recipe=types.SimpleNamespace(learning_rate=float(case["lr"])),
        generator=lambda purpose: np.random.default_rng(0),
        stream=lambda purpose: contextlib.nullcontext,
        phase=lambda name: contextlib.nullcontext(),
        check_time=lambda: None,
    )


def seen_of(case):
    """What the authors' networks showed at the ends of their epochs, (N, M, ·).

    Their classifier's word is the last.
    """

    def outputs(split, epoch):
        embedding = case[f"out_z_{split}"][:, epoch].transpose(1, 0, 2)
        shape = len(embedding), len(case["E"]), int(case["C"])
        probabilities = np.full(shape, 1.0 / shape[2], dtype=np.float32)
        if split == "test" and epoch == int(case["epochs"]) - 1:
            logits = torch.from_numpy(case["out_final_logits_test"].transpose(1, 0, 2))
            probabilities = logits.softmax(-1).float().numpy()
        return Outputs(probabilities, embedding.astype(np.float32))

    names = {"train": "train", "val": "valid", "test": "test"}
    return {names[split]: [outputs(split, epoch) for epoch in range(int(case["epochs"]))] for split in names}


@pytest.fixture
def fed(monkeypatch):
    """Feeds the case's weights and draws to second stages, and gives the parts of their
    losses, a dictionary a step.
    """

    def feed(case):
        branches, classes, size = len(case["E"]), int(case["C"]), int(case["vae_batch"])
        batches, tested = (-(-len(case[name]) // size) for name in ("ny_train", "y_test"))
        an_epoch = batches * branches + tested * branches * classes
        steps = iter(range(int(case["total_iter"]) * batches))

        def rand_like(alpha):
            epoch, batch = divmod(next(steps), batches)
            first = epoch * an_epoch + batch * branches
            return torch.from_numpy(case["u"][first : first + branches, : alpha.shape[1]].copy()).to(alpha.dtype)

        whole, parts = generative.generative_loss, []

        def loss_and_its_parts(logits, labels, alpha, prior, settings, agree):
            loss = whole(logits, labels, alpha, prior, settings, agree)
            bound = whole(logits, labels, alpha, prior, settings, 0.0)
            reconstruction = whole(logits, labels, alpha, prior, replace(settings, divergence_weight=0.0), 0.0)
            parts.append([loss.item(), reconstruction.item(), (bound - reconstruction).item()])
            return loss

        monkeypatch.setattr(
            generative, "DirichletAutoencoders", lambda *sizes: fill(DirichletAutoencoders(*sizes), case)
        )
        monkeypatch.setattr(generative, "generative_loss", loss_and_its_parts)
        monkeypatch.setattr(torch, "rand_like", rand_like)
        return parts

    return feed


def test_prior_has_the_authors_scores_marks_and_classes(case):
    prior = make_prior(released(case), view_of(case), trainer_of(case), seen_of(case))
    rows = len(case["ny_train"])
    np.testing.assert_allclose(prior.scores, case["out_score"][:, :rows], rtol=1e-5)
    np.testing.assert_array_equal(torch.stack(prior.marked), case["out_markers"] == 1)
    np.testing.assert_array_equal(prior.votes.argmax(2).T, case["out_prior_train"])


def test_second_stage_has_the_authors_losses_and_final_weights(case, fed):
    parts = fed(case)
    method, rows = released(case), len(case["ny_train"])
    classes = torch.nn.functional.one_hot(torch.from_numpy(case["out_prior_train"].T), int(case["C"])).float()
    labels = torch.from_numpy(case["ny_train"]).expand(method.branches, -1)
    training = train_generative(
        seen_of(case)["train"],
        labels,
        concentrations(method, classes),
        method.settings(float(case["lr"])),
        np.random.default_rng(0),
        contextlib.nullcontext,
        lambda: None,
    )
    *_, (_, model) = training
    by_epoch = np.array(parts).reshape(int(case["total_iter"]), -1, 3).sum(1) / rows
    theirs = np.stack([case["out_vae_loss"], case["out_vae_recon"], case["out_vae_kl"]], axis=1)
    np.testing.assert_allclose(by_epoch, theirs, **CLOSE)
    names = ("out_We_final", "out_be_final", "out_Wd_final", "out_bd_final")
    expected = fill(
        DirichletAutoencoders(method.branches, case["We"].shape[2] - int(case["C"]), int(case["C"])), case, names
    )
    for found, wanted in zip(model.autoencoders.parameters(), expected.parameters(), strict=True):
        np.testing.assert_allclose(found.detach(), wanted.detach(), **CLOSE)


def test_predictions_from_prior_to_posterior_are_the_authors(case, fed):
    fed(case)
    method, view, trainer, seen = released(case), view_of(case), trainer_of(case), seen_of(case)
    *_, last = method.stage_two(view, trainer, seen, make_prior(method, view, trainer, seen))
    predicted = last.predict(seen["test"]).mean(axis=1)
    np.testing.assert_allclose(predicted, case["out_posterior"], **CLOSE)
    np.testing.assert_array_equal(predicted.argmax(axis=1), case["out_pred"])
