import json

import pytest
from rich.cells import cell_len

from benchmark.cli.citations import read_bibtex
from benchmark.contracts import methods, noises
from benchmark.corpora import corpus_names
from benchmark.experiment.grid import grid_names
from benchmark.training.encoders.names import LISTED

NAMES = {
    "methods": list(methods),
    "noises": list(noises),
    "corpora": list(corpus_names()),
    "encoders": list(LISTED),
    "grids": grid_names(),
}


@pytest.mark.parametrize("what", NAMES)
def test_every_list_equals_its_registry_and_fits_eighty_columns(command, what):
    ended = command("list", what)
    assert [row["name"] for row in json.loads(command("list", what, "--json").out)] == NAMES[what]
    assert all(any(line.startswith(name) for line in ended.out.splitlines()) for name in NAMES[what])
    assert max(map(cell_len, ended.out.splitlines())) <= 80
    assert "…" not in ended.out


def test_every_module_below_methods_and_noise_is_registered():
    import pkgutil

    import methods as method_package
    import noise as noise_package

    for package, registry in ((method_package, methods), (noise_package, noises)):
        modules = {
            m.name
            for m in pkgutil.iter_modules(package.__path__)
            if m.name not in ("engine", "shared") and m.name[0] != "_"
        }
        named = {registry[name].__module__.split(".")[1] for name in registry}
        assert modules == named


def test_parameters_and_departures_come_with_verbose(command):
    assert "q=0.7" not in command("list", "methods").out
    shown = command("list", "methods", "-v").out
    assert "q=0.7" in shown
    assert "departs:" in shown
    assert all(f"\n{name}\n" in f"\n{shown}" for name in methods)
    assert shown.count("\n  family: ") == shown.count("\n  needs: ") == len(NAMES["methods"])


@pytest.mark.parametrize(("what", "key"), [("methods", "zhang2018gce"), ("noises", "xia2020"), ("corpora", "li2002")])
def test_citations_are_bibtex_each_key_once(command, what, key):
    keys = [entry.key for entry in read_bibtex(command("list", what, "--bibtex").out)]
    assert any(found.startswith(key) for found in keys)
    assert len(keys) == len(set(keys))


def test_what_has_no_citations_says_so(refused):
    assert "methods, noises, corpora" in refused("list", "grids", "--bibtex")


def test_oracles_and_controls_are_marked_and_their_needs_come_with_verbose(command):
    short = command("list", "methods").out
    assert "clean_few ‡" in short
    assert "majority §" in short
    assert "gce ‡" not in short
    assert "needs: clean_train_labels" in command("list", "methods", "-v").out


@pytest.mark.usefixtures("own_registry")
def test_a_plugins_methods_are_listed(command, plugin):
    assert "halved" in command("list", "methods", "--plugin", plugin).out


def test_an_unknown_list_is_refused(refused):
    assert "Did you mean 'methods'" in refused("list", "method")
