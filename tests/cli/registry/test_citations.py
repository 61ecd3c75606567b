import re

import pytest

from benchmark.cli.citations import bibliography, read_bibtex
from benchmark.contracts import BenchmarkError, methods, noises
from benchmark.corpora import corpus_names, load_card

CITED = {f"method {name}": methods[name].citation for name in methods if methods[name].citation}
CITED |= {f"noise {name}": noises[name].citation for name in noises if noises[name].citation}
CITED |= {f"corpus {name}": load_card(name).citation for name in corpus_names() if load_card(name).citation}

BOOK = '@book{knuth1984,\n  title = {The {\\TeX} book},\n  author = "Knuth, Donald", year = 1984}'


@pytest.mark.parametrize("text", CITED.values(), ids=CITED)
def test_every_citation_is_bibtex_with_what_a_bibliography_needs(text):
    for entry in read_bibtex(text):
        assert {"title", "author", "year"} <= entry.fields.keys()
        assert entry.fields["year"].isdigit()
        assert all(entry.fields.values())


def test_no_two_citations_share_a_key_unless_they_are_the_same():
    joined = read_bibtex(bibliography(CITED.values()))
    keys = [entry.key for entry in joined]
    assert len(keys) == len(set(keys))
    assert {"zhuang2023dygen", "han2018coteaching", "zhang2021wrench"} <= set(keys)


def test_braces_quotes_and_numbers_are_values():
    (entry,) = read_bibtex(BOOK)
    assert (entry.kind, entry.key, entry.text) == ("book", "knuth1984", BOOK)
    assert entry.fields == {"title": "The {\\TeX} book", "author": "Knuth, Donald", "year": "1984"}


def test_broken_lines_do_not_make_two_entries_of_one():
    assert bibliography([BOOK, BOOK.replace("\n  ", " "), "", BOOK]) == BOOK


def test_two_citations_under_one_key_are_refused():
    with pytest.raises(BenchmarkError, match="knuth1984"):
        bibliography([BOOK, BOOK.replace("1984}", "1986}")])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Knuth 1984", "'Knuth 1984'"),
        ("@book{a, title = {open}", "the end"),
        ("@book{a, title = {never closed, year = 1984}", "the end"),
        ("@book{a, title = {x} year = 1984}", "'year = 1984}'"),
        ("@book{a, title}", "'title}'"),
        ("@book{a, year = }", "'}'"),
        ("@book{a, year = 1, year = 2}", "'year'"),
        ("@book{a} trailing", "'@book{a} trailing'"),
    ],
)
def test_what_is_no_bibtex_is_refused_with_the_place(text, place):
    with pytest.raises(BenchmarkError, match=re.escape(place)):
        read_bibtex(text)
