import subprocess
import sys

import pytest

import benchmark.contracts
from benchmark.contracts import Method, NoisyTexts, NoisyView
from benchmark.contracts.renamed import BASES, NAMES, PREDICTS_FROM, warn_once


@pytest.fixture(autouse=True)
def _nothing_said_yet():
    warn_once.cache_clear()


@pytest.mark.parametrize("old", NAMES)
def test_an_earlier_name_is_found_with_a_warning_that_names_the_present_one(old):
    with pytest.warns(FutureWarning, match=NAMES[old]):
        found = getattr(benchmark.contracts, old)
    assert found is getattr(benchmark.contracts, NAMES[old])


@pytest.mark.parametrize("old", PREDICTS_FROM)
def test_what_a_method_read_is_what_it_predicts_from(old):
    with pytest.warns(FutureWarning, match="predicts_from"):
        made = type("Own", (Method,), {"reads": old})
    assert made.predicts_from == PREDICTS_FROM[old]


def test_what_a_view_granted_is_found_among_its_declared_inputs():
    texts = NoisyTexts((), None)
    with pytest.warns(FutureWarning, match="declared_inputs"):
        assert NoisyView(texts, texts, 2, declared_inputs={"a": 1}).granted == {"a": 1}


def test_the_warning_is_seen_once_by_whoever_runs_python_as_it_is():
    code = "import types, sys\nm = types.ModuleType('own')\n"
    code += "exec('from benchmark.contracts import Kit\\nfrom benchmark.contracts import Kit', m.__dict__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.count("FutureWarning") == 1


@pytest.mark.parametrize("old", BASES)
def test_an_attribute_whose_place_a_base_class_has_taken_is_named_with_that_class(old):
    with pytest.warns(FutureWarning, match=BASES[old]):
        type("Own", (Method,), {old: True})


def test_networks_that_an_earlier_method_counts_are_those_that_it_trains():
    with pytest.warns(FutureWarning, match="networks"):
        made = type("Own", (Method,), {"network_count": property(lambda self: 3)})
    assert made().networks == 3
