"""Where a parameter's default is the authors' setting, it is that number.

Each line names where it stands.
"""

import dataclasses

import pytest

from benchmark.contracts import methods
from methods.linear_probe import CANDIDATES

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
PUBLISHED = {
    "causalnl": (
        "Yao et al., authors' code",
        {"latent": 25, "rebuilding": 0.1, "noisy_label": 0.1, "divergence": 0.01},
    ),
    "co_teaching": ("Han et al., section 4", {"exponent": 1.0}),
    "confident_learning": ("Northcutt et al., section 3.1", {"folds": 5}),
    "cr": ("Zhou & Chen, section 4; DyGen, appendix", {"weight": 5.0, "warmup": 0.1}),
    "dividemix": ("Li et al., authors' code", {"threshold": 0.5, "temperature": 0.5}),
    "ensemble_ce": ("as many networks as co-teaching", {"members": methods["co_teaching"].networks}),
    "elr": ("Liu et al., CIFAR-10", {"weight": 3.0, "momentum": 0.7}),
    "exp_decay": ("the authors' code", {"floor": 0.1, "kappa": 3.0, "temperature": 0.5}),
    "gce": ("Zhang & Sabuncu, section 4", {"q": 0.7}),
    "lccn": ("Yao et al., authors' code", {"smoothing": 1.0}),
    "loss_reweighting": ("Sow et al., authors' code", {"rho": 1.0}),
    "mixup": ("Zhang et al., authors' code", {"concentration": 1.0}),
    "nmtune": ("Chen et al., authors' code", {"consistency": 1.0, "covariance": 0.04, "singular": 0.001, "top": 5}),
    "sce": ("published text ports", {"cross_entropy_weight": 0.4, "reverse_weight": 1.0}),
    "sed": ("Sheng et al., authors' code", {"warmup": 0.2, "quantile": 0.8, "deviations": 2.0, "weight": 1.0}),
    "selfmix": (
        "Qiao et al., authors' TREC setting",
        {"temperature": 0.5, "mixing_shape": 0.75, "pseudo_weight": 0.2, "divergence_weight": 0.3},
    ),
    "sidyp": (
        "Ye et al., authors' code",
        {"neighbours": 10, "certain": 0.9, "dominant": 0.8, "warmup": 0.2, "stage_two_agreement": 2.0, "rounds": 4}
        | {"scale": 5.0, "steps": 500, "reverse_steps": 10, "batch_size": 128},
    ),
    "npc": ("Bae et al. and DyGen, authors' code", {"neighbours": 10, "prior_strength": 5.0, "epochs": 10}),
    "knn_relabel": ("the neighbours of NPC's prior", {"neighbours": 10}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_defaults_are_the_published_numbers(name):
    source, numbers = PUBLISHED[name]
    defaults = {field.name: field.default for field in dataclasses.fields(methods[name])}
    assert {parameter: defaults[parameter] for parameter in numbers} == numbers, source


def test_penalties_of_the_linear_probe_are_the_powers_of_ten_up_to_one():
    assert pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0]) == CANDIDATES
