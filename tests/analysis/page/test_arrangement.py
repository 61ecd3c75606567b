from dataclasses import replace

import pytest

from benchmark.analysis.frame import tidy
from benchmark.analysis.page import Front
from benchmark.analysis.page.arrangement import sections, without_repeats
from benchmark.analysis.page.heading import heading
from benchmark.analysis.page.methods import Explained, Links
from benchmark.analysis.part import Part
from benchmark.analysis.tables import Cell, Column, Row, Table


def table(key, *columns, section="headline"):
    rows = tuple(Row(f"m{place}", tuple(map(Cell, texts))) for place, texts in enumerate(zip(*columns, strict=True)))
    return Table(key, section, key, "A caption.", "method", tuple(Column(f"c{i}") for i in range(len(columns))), rows)


def part(*tables, corpora=1):
    return Part("one", (), tables, front=Front(corpora=corpora))


def test_a_table_whose_numbers_all_stand_before_is_left_out():
    first, same = table("a", ["1.0", "2.0"], ["3.0", "4.0"]), table("b", ["3.0", "4.0"])
    more = table("c", ["1.0", "2.0"], ["5.0", "6.0"])
    assert [one.key for one in without_repeats([first, same, more])] == ["a", "c"]


def test_what_the_first_screen_shows_is_not_repeated():
    assert without_repeats([table("b", ["1.0"])], [table("means", ["1.0"])]) == []


def test_a_table_of_words_is_kept():
    assert len(without_repeats([table("a", ["none"]), table("b", ["none"])])) == 2


@pytest.mark.parametrize(("corpora", "opened"), [(1, ["headline"]), (2, ["headline", "across"])])
def test_cells_come_first_then_across_and_all_else_is_folded(corpora, opened):
    tables = [table(key, [f"{place}.0"], section=key) for place, key in enumerate(["cost", "across", "headline"])]
    found = sections(part(*tables, corpora=corpora))
    assert [one.key for one in found] == ["headline", "across", "cost"]
    assert [one.key for one in found if not one.folded] == opened


def test_who_is_best_and_what_methods_need_are_told_elsewhere():
    kept = part(table("winners", ["1.0"]), table("needs", ["2.0"], section="cost"), table("main-last-1", ["3.0"]))
    assert [one.key for section in sections(kept) for one in section.tables] == ["main-last-1"]


def test_keys_are_known_behind_the_prefix_of_a_part():
    assert sections(replace(part(table("bert-winners", ["1.0"])), prefix="bert-")) == []


LINKS = Links([Explained("gce", "gce", "An <idea>.", ()), Explained("gce[q=0.4]", "gce[q=0.4] ×2", "", ())])


def test_names_in_sentences_are_links_with_the_idea_and_parts_of_names_are_not():
    found = LINKS.within("use gce, not gcents, xgce or gce[q=0.4] & co.")
    assert found.count("<a ") == 2
    assert '<a class="m" href="#method-1" title="An &lt;idea&gt;.">gce</a>' in found
    assert '<a class="m" href="#method-2">gce[q=0.4]</a>' in found
    assert "gcents, xgce" in found
    assert found.endswith(" &amp; co.")


def test_labels_of_methods_are_links_and_others_are_text():
    assert LINKS.labelled("gce[q=0.4] ×2") == '<a class="m" href="#method-2">gce[q=0.4] ×2</a>'
    assert LINKS.labelled("<cell>") == "&lt;cell&gt;"


def test_the_heading_names_corpora_days_and_commits(factory):
    records = [
        factory.record(corpus=corpus, seed=seed, created=f"2026-01-0{seed}T00:00:00Z")
        for corpus in ("trec", "agnews")
        for seed in (1, 2)
    ]
    found = heading(tidy(records))
    assert found.title.endswith("agnews, trec")
    assert found.facts == ("measured 2026-01-01 to 2026-01-02", "commit abc123")


def test_the_heading_of_many_corpora_counts_them(factory):
    found = heading(tidy([factory.record(corpus=f"corpus_{place}") for place in range(5)]))
    assert found.title.endswith("5 corpora")
    assert found.facts[0].count("corpus_") == 5
