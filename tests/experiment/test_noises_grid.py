"""The grid of all noise models leaves none out, and each of its cells can be had."""

from benchmark.contracts import noise_from, noises
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.experiment.identifiability import identifiability_problem

LEFT_OUT = {
    ("trec", "imported"),
    ("20news", "imported"),
    ("apidocs", "imported"),
    ("20news", "observed"),
    ("apidocs", "observed"),
    ("20news", "matrix"),
}
"""Reasons stand in the grid's file."""


def test_every_noise_model_meets_every_corpus_unless_the_grid_says_why_not():
    configs = expand(load_grid("noises"), Choices())
    met = {(config.corpus, step.name) for config in configs for step in config.make_noise().steps}
    corpora = {config.corpus for config in configs}
    assert corpora == {"trec", "20news", "apidocs"}
    assert {(corpus, name) for corpus in corpora for name in noises} - met == LEFT_OUT


def test_no_cell_hides_the_classes():
    sizes = {"trec": 6, "20news": 20, "apidocs": 8}
    for config in expand(load_grid("noises"), Choices()):
        assert identifiability_problem(noise_from(config.noise), sizes[config.corpus]) is None
