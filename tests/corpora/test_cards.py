import subprocess
import sys

import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora import card_digest, cards_folder, corpus_names, load_card
from benchmark.corpora.card import Card, read_card
from benchmark.corpora.catalogue import digest_of
from benchmark.corpora.cleaning import parse_step

MINIMAL = """
name = "mine"
title = "t"
licence = "l"
citation = ""
homepage = ""
language = "en"
label_names = ["a", "b"]
default_max_tokens = 8
[[sources]]
name = "files"
reader = "table"
"""


def changed(card: Card, **changes: object) -> Card:
    return Card.model_validate(card.model_dump() | changes)


@pytest.mark.parametrize("name", corpus_names())
def test_every_card_names_known_steps_and_measures_every_split(name):
    card = load_card(name)
    assert card.counts
    assert card.measured_on
    assert card.defects
    for steps in card.cleaning.values():
        for step in steps:
            parse_step(step)
    for observed in card.observed.values():
        scored = set(card.counts) - set(card.no_clean)
        assert scored & {"train"} <= set(observed.measured) <= scored
        assert set(observed.by_class) == set(observed.measured)
        if observed.reads == "votes":
            assert set(observed.by_share) == set(observed.measured)
            assert len(observed.choices) >= 6
    assert len(card_digest(name)) == 16


def test_the_folder_of_cards_holds_nothing_that_can_be_imported():
    assert [path.name for path in cards_folder().iterdir() if path.suffix != ".toml"] == []


def test_an_unknown_key_is_named_with_its_file_and_the_nearest_key(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace("licence", "licens"))
    with pytest.raises(UnknownNameError, match=r"'licens'.*Did you mean 'licence'.*mine\.toml"):
        read_card(path)


def test_an_unknown_key_inside_a_source_is_named_with_its_place(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL + 'fingerprnt = "x"\n')
    with pytest.raises(UnknownNameError, match=r"'fingerprnt'.*'fingerprint'.*sources\.0"):
        read_card(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "t"', "", "title"),
        ('["a", "b"]', '["a", "a"]', "label_names must differ"),
        ('name = "mine"', 'name = "yours"', "rename the file"),
        ('title = "t"', "title =", "Cannot read the card"),
    ],
)
def test_a_wrong_card_is_refused_with_its_file(tmp_path, old, new, message):
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace(old, new))
    with pytest.raises(BenchmarkError, match=message) as caught:
        read_card(path)
    assert "mine.toml" in str(caught.value)


def test_an_unknown_corpus_lists_the_known_ones_nearest_first():
    with pytest.raises(UnknownNameError, match=r"'trek'.*'trec'"):
        load_card("trek")


@pytest.mark.parametrize(
    "change",
    [
        {"cleaning": {"train": ["drop_ids(4965-5032)"], "test": ["lower_case"]}},
        {"label_names": ["DESC", "ENTY", "HUM", "ABBR", "LOC", "NUMBER"]},
        {"observed": {}},
    ],
)
def test_the_digest_changes_with_what_decides_the_data(change):
    card = load_card("trec")
    assert digest_of(changed(card, **change)) != digest_of(card)


def test_the_digest_changes_with_a_tie_rule_a_hash_and_a_reader_option():
    card = load_card("semeval")
    weak = card.observed["weak"].model_dump()
    source = card.sources[0].model_dump()
    files = [source["files"][0] | {"sha256": "0" * 64}, *source["files"][1:]]
    digests = {
        digest_of(card),
        digest_of(changed(card, observed=card.model_dump()["observed"] | {"weak": weak | {"ties": "none"}})),
        digest_of(changed(card, sources=[source | {"files": files}])),
        digest_of(changed(card, sources=[source | {"options": source["options"] | {"entities": False}}])),
    }
    assert len(digests) == 4


def test_the_digest_does_not_change_with_prose_addresses_or_counts():
    card = load_card("trec")
    source = card.sources[0].model_dump()
    files = [file | {"url": "https://example.org"} for file in source["files"]]
    other = changed(card, title="x", defects=[], overlaps={}, sources=[source | {"files": files, "note": "x"}])
    assert digest_of(other) == digest_of(card)


def test_the_digest_changes_with_the_versions_of_the_packages_that_apidocs_reads(monkeypatch):
    card = load_card("apidocs")
    before = digest_of(card)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.0")
    assert digest_of(card) != before


def test_an_unknown_reader_option_is_named():
    card = load_card("trec")
    source = card.sources[0].model_dump()
    with pytest.raises(UnknownNameError, match=r"'entitis'.*'entities'"):
        digest_of(changed(card, sources=[source | {"options": source["options"] | {"entitis": True}}]))


def test_digests_need_no_heavy_library():
    code = (
        "import sys; from benchmark.corpora import card_digest, corpus_names\n"
        "for name in corpus_names(): card_digest(name)\n"
        "print([m for m in ('torch', 'ray', 'pandas', 'sklearn', 'scipy', 'pooch', 'requests') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=cards_folder().parent
    )
    assert done.stdout.strip() == "[]"
