import dataclasses

import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError, methods
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import grid_names, load_grid
from benchmark.records.config import TrialConfig, find_trial
from benchmark.trial.artefacts.keys import artefact_keys

DEMO = "demo"


def ids(**changes):
    return {config.id for config in expand(load_grid(DEMO), Choices(**changes))}


def one(**changes):
    base = {"methods": ("gce",), "noises": ("symmetric(0.4)",), "seeds": (0,)}
    return expand(load_grid(DEMO), Choices(**base | changes))[0]


@pytest.mark.parametrize("name", grid_names())
def test_every_grid_expands_to_distinct_trials(name):
    configs = expand(load_grid(name), Choices())
    assert len({config.id for config in configs}) == len(configs) > 0


def test_the_id_does_not_depend_on_the_order_of_any_axis():
    noises = ("clean()", "symmetric(0.4)")
    assert ids(methods=("gce", "elr"), noises=noises, seeds=(0, 1)) == ids(
        methods=("elr", "gce"), noises=noises[::-1], seeds=(1, 0)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"methods": ("gce[q=0.4]",)},
        {"noises": ("symmetric(0.2)",)},
        {"encoders": ("scratch:tiny",)},
        {"seeds": (1,)},
        {"limit_examples": 100},
        {"epochs": 3},
        {"threads_per_trial": 2},
    ],
)
def test_the_id_depends_on_what_can_change_the_result(changes):
    assert one(**changes).id != one().id


@pytest.mark.parametrize(
    "field",
    ["protocol", "method_version", "method_source", "card", "noise_version", "noise_source", "weights", "estimator"],
)
def test_the_id_depends_on_versions_and_digests(field):
    config = one()
    value = 7 if isinstance(getattr(config, field), int) else "other"
    assert TrialConfig(**config.model_dump() | {field: value}).id != config.id


@pytest.mark.parametrize("field", ["parameters", "noise_parameters"])
def test_the_id_depends_on_every_parameter_so_that_a_changed_default_is_a_new_trial(field):
    config = one()
    (name, value), *_ = getattr(config, field).items()
    assert TrialConfig(**config.model_dump() | {field: {name: value / 2}}).id != config.id


def test_noisy_labels_are_made_again_when_a_default_of_their_noise_changes():
    config = one()
    other = TrialConfig(**config.model_dump() | {"noise_parameters": {"rate": 0.4, "scale": 7.0}})
    assert artefact_keys(other).noisy_labels != artefact_keys(config).noisy_labels


def test_a_default_written_out_is_the_same_trial():
    assert one(methods=("gce[q=0.7]",)).id == one(settings=("gce.q=0.7",)).id == one().id


def test_the_cell_is_the_same_for_all_methods_and_seeds_and_no_other():
    cells = {one(methods=(name,), seeds=(seed,)).cell for name in ("gce", "dygen") for seed in (0, 1)}
    assert len(cells) == 1
    assert one(noises=("symmetric(0.2)",)).cell not in cells


def test_repeated_names_are_one_trial():
    assert len(expand(load_grid(DEMO), Choices(methods=("gce", "gce"), noises=("clean()",), seeds=(0, 0)))) == 1


def test_ranked_leaves_out_controls_and_oracles():
    chosen = {config.method for config in expand(load_grid(DEMO), Choices(methods=("ranked",), seeds=1))}
    assert chosen == {name for name in methods if not methods[name].control and not methods[name]().oracle}


def test_a_setting_changes_its_method_alone():
    configs = expand(load_grid(DEMO), Choices(methods=("gce", "elr"), settings=("gce.q=0.4",), seeds=1))
    assert {config.method for config in configs} == {"gce[q=0.4]", "elr"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": ("gec",)}, "Did you mean 'gce'"),
        ({"noises": ("symetric(0.4)",)}, "Did you mean 'symmetric'"),
        ({"noises": ("symmetric(1.0)",)}, r"\[0, 1\)"),
        ({"noises": ("symmetric(-0.1)",)}, r"\[0, 1\)"),
        ({"noises": ("symmetric(nan)",)}, r"\[0, 1\)"),
        ({"noises": ("symmetric",)}, "needs rate"),
        ({"noises": ("observed(weak)",)}, "observed noise"),
        ({"corpora": ("apidoc",)}, "Did you mean 'apidocs'"),
        ({"encoders": ("frozn:minilm",)}, "Did you mean 'frozen:minilm'"),
        ({"encoders": ("scratch:huge",)}, "scratch:tiny"),
        ({"methods": ("gce[p=0.4]",)}, "parameter of method gce.*q"),
        ({"methods": ("gce[q=much]",)}, "gce.q is 'much' but must be a number"),
        ({"settings": ("gce.q=much",)}, "gce.q is 'much' but must be a number"),
        ({"settings": ("gce.p=1",)}, "parameter of method gce"),
        ({"settings": ("gec.q=1",)}, "Did you mean 'gce'"),
        ({"settings": ("q=1",)}, "method.field=value"),
        ({"methods": ("elr",), "settings": ("gce.q=0.4",)}, "not among the chosen"),
        ({"seeds": ()}, "no trial to run"),
    ],
)
def test_a_wrong_choice_is_named_with_what_is_allowed(changes, words):
    with pytest.raises(BenchmarkError, match=words):
        expand(load_grid(DEMO), Choices(**changes))


def write(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text)
    return str(path)


GOOD = 'title = "t"\nmethods = ["gce"]\nencoders = ["scratch:tiny"]\nseeds = 1\n'
CELLS = '[[cells]]\ncorpora = ["apidocs"]\nnoises = ["clean()"]\n'


def test_a_grid_of_ones_own_is_read(tmp_path):
    assert len(expand(load_grid(write(tmp_path, GOOD + CELLS)), Choices())) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "methds = []\n" + CELLS, "Did you mean 'methods'"),
        (GOOD + CELLS + "corpra = []\n", "Did you mean 'corpora'"),
        (GOOD + "[limits]\ntrian = 3\n" + CELLS, "Did you mean 'train'"),
        (GOOD.replace("seeds = 1", 'seeds = "x"') + CELLS, "seeds"),
        (GOOD.replace("seeds = 1", "seeds = 0") + CELLS, "seeds"),
        (GOOD, "cells"),
        (GOOD + "[[cells]]\ncorpora = []\n", "cells.0.noises"),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_wrong_grid_file_is_named_with_the_key(tmp_path, text, words):
    with pytest.raises(BenchmarkError, match=words):
        load_grid(write(tmp_path, text))


def test_an_unknown_grid_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="Did you mean 'demo'"):
        load_grid("dmo")


def test_a_trial_is_found_by_the_first_digits_of_its_id():
    configs = expand(load_grid(DEMO), Choices(seeds=1))
    assert find_trial(configs, configs[0].id[:10]) == configs[0]
    assert find_trial([*configs, configs[0]], configs[0].id[:10]) == configs[0]
    for prefix in ("", "zz"):
        with pytest.raises(BenchmarkError, match=f"'{prefix}'"):
            find_trial(configs, prefix)


def test_choices_share_no_default():
    assert dataclasses.fields(Choices)[0].default is None
    assert Choices() == Choices()


def test_a_grid_bounds_its_own_corpora_and_leaves_others_whole():
    assert one().limits.train == 2000
    assert one(corpora=("trec",)).limits.train is None
    assert one(limit_examples=3000).limits.train == 2000
    assert one(corpora=("trec",), limit_examples=3000).limits.train == 3000


def test_the_grid_of_observed_noise_has_many_cells_and_all_are_in_the_full_grid():
    observed, full = (
        {(c.corpus, c.noise) for c in expand(load_grid(name), Choices())} for name in ("observed", "full")
    )
    assert len(observed) >= 16
    assert observed <= full


def test_a_corpus_that_cannot_rank_methods_is_in_no_grid_of_observed_noise():
    corpora = {config.corpus for config in expand(load_grid("observed"), Choices())}
    assert not corpora & {"corporate_messaging", "rte_crowd"}
