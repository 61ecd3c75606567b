import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmark.corpora.card import Card
from benchmark.corpora.catalogue import digest_of, load_card
from benchmark.records.config import Limits, TrialConfig, differences
from benchmark.records.sources import read_source
from benchmark.training.recipes import FINE_TUNED, FIRST_FIELDS, FROM_SCRATCH, FROZEN, Recipe

MEASURED = Path(__file__).resolve().parents[2] / "results" / "measured"
ARCHIVES = sorted(MEASURED.glob("*/records.parquet"))
WITHOUT_ARCHIVES = pytest.mark.skipif(not ARCHIVES, reason="this copy holds no committed archives")


class LaterConfig(TrialConfig):
    order: str = "random"
    sizes: Limits = Limits()


class LaterCard(Card):
    audience: str = "all"


@dataclass(frozen=True)
class LaterRecipe(Recipe):
    momentum: float = 0.9


@pytest.fixture
def config():
    return TrialConfig(
        method="gce", method_version=1, corpus="trec", card="a", noise="clean()", noise_version=1,
        encoder="scratch:tiny", weights="b", recipe=FROM_SCRATCH.as_config(), seed=3,
    )  # fmt: skip


@pytest.fixture(scope="module", params=ARCHIVES, ids=[path.parent.name for path in ARCHIVES])
def archived(request):
    """The records of a committed archive."""
    return read_source(request.param).records


@WITHOUT_ARCHIVES
def test_ids_of_archived_trials_follow_from_their_configurations(archived):
    assert [TrialConfig.model_validate(one.config).id for one in archived] == [one.trial for one in archived]


@WITHOUT_ARCHIVES
def test_recipes_of_archived_trials_are_written_as_they_were(archived):
    recipes = {str(record.config["recipe"]): record.config["recipe"] for record in archived}
    assert [Recipe(**recipe).as_config() for recipe in recipes.values()] == list(recipes.values())


def test_a_field_added_later_leaves_the_id_as_it_is_at_its_default(config):
    assert LaterConfig(**config.model_dump()).id == config.id


def test_a_field_added_later_leaves_the_cell_as_it_is_at_its_default(config):
    assert LaterConfig(**config.model_dump()).cell == config.cell


@pytest.mark.parametrize("changed", [{"order": "by length"}, {"sizes": Limits(train=9)}])
def test_a_field_added_later_changes_the_id_by_any_other_value(config, changed):
    assert LaterConfig(**config.model_dump(), **changed).id != config.id


@pytest.mark.parametrize("mode", ["python", "json"])
def test_a_field_added_later_survives_the_way_through_a_record(config, mode):
    later = LaterConfig(**config.model_dump(), order="by length")
    assert LaterConfig.model_validate(later.model_dump(mode=mode)) == later


@pytest.mark.parametrize("written", ["gce", "gce[q=0.4]"])
def test_a_methods_name_leaves_out_its_parameters(config, written):
    assert config.model_copy(update={"method": written}).method_name == "gce"


def test_fields_from_the_beginning_are_written_at_their_defaults_too(config):
    assert set(config.model_dump()) == TrialConfig.first_fields


def test_limits_are_written_where_there_are_none(config):
    assert config.model_dump()["limits"] == {"train": None, "valid": None, "test": None}


@pytest.mark.parametrize("recipe", [FROZEN, FINE_TUNED, FROM_SCRATCH], ids=lambda recipe: recipe.name)
def test_recipes_are_written_with_their_fields_from_the_beginning(recipe):
    assert set(recipe.as_config()) >= FIRST_FIELDS


def test_a_field_that_recipes_gain_later_is_left_out_at_its_default():
    assert LaterRecipe(**FROZEN.as_config()).as_config() == FROZEN.as_config()


def test_a_field_that_recipes_gain_later_is_written_with_any_other_value():
    later = dataclasses.replace(LaterRecipe(**FROZEN.as_config()), momentum=0.5)
    assert later.as_config() == FROZEN.as_config() | {"momentum": 0.5}


def test_a_field_that_cards_gain_later_is_left_out_at_its_default():
    card = load_card("trec")
    assert digest_of(LaterCard(**card.model_dump())) == digest_of(card)


def test_a_field_that_only_one_content_has_is_named():
    assert differences({"a": 1}, {"b": 2}) == ["a: 1 → None", "b: None → 2"]


def test_differences_of_equal_contents_are_none():
    assert differences({"a": {"b": [1]}}, {"a": {"b": [1]}}) == []


def test_a_long_value_is_cut_to_the_given_length():
    assert differences({"a": "x" * 30}, {"a": "short"}, longest=24) == [f"a: {'x' * 23}… → short"]
