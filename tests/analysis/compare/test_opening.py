import re

import pytest

from benchmark.analysis.compare.page import compare_pair

NOISES = ["clean()", "symmetric(0.2)", "symmetric(0.4)"]
SEEDS = [1, 2, 3, 4, 5]


@pytest.fixture
def clear(factory):
    """Two corpora on which elr is far better than gce, at twice its price."""
    factory.skills, factory.networks = {"elr": 1.0}, {"elr": 2}
    return factory.grid(["cross_entropy", "elr", "gce"], NOISES, SEEDS, ["trec", "apidocs"])


def opened(records, first, second, **options):
    (part,) = compare_pair(records, first, second, **options).parts
    return part


def test_a_page_opens_with_the_better_method_its_gain_and_its_price(clear):
    part = opened(clear, "elr", "gce")
    gain = part.verdict["gain"]
    assert part.verdict["better"] == "elr"
    assert part.opening.startswith("elr is better than gce")
    printed = [float(number) for number in re.findall(r"\d+\.\d", part.opening)]
    assert printed == pytest.approx([gain["difference"], gain["low"], gain["high"], 1.77], abs=0.051)
    assert "4 cells of 2 corpora" in part.opening


def test_the_better_method_comes_first_whatever_the_order_of_the_names(clear):
    forth, back = opened(clear, "elr", "gce"), opened(clear, "gce", "elr")
    assert back.opening == forth.opening
    assert back.verdict["gain"]["difference"] == pytest.approx(-forth.verdict["gain"]["difference"])


def test_two_corpora_have_a_narrower_interval_than_one(clear):
    both = opened(clear, "elr", "gce").verdict["gain"]
    one = opened([r for r in clear if r.corpus == "trec"], "elr", "gce").verdict["gain"]
    assert both["high"] - both["low"] < one["high"] - one["low"]


def test_methods_of_equal_skill_are_not_told_apart(clear):
    part = opened(clear, "gce", "cross_entropy")
    assert part.verdict["better"] is None
    assert "not told apart" in part.opening


def test_only_seeds_that_both_have_are_compared(clear):
    records = [r for r in clear if r.method != "elr" or r.seed < 4]
    kept = [r for r in records if r.seed < 4]
    gain, expected = (opened(found, "elr", "gce").verdict["gain"]["difference"] for found in (records, kept))
    assert gain == pytest.approx(expected)


def test_one_seed_is_no_test(clear):
    part = opened([r for r in clear if r.seed == 1], "elr", "gce")
    assert "one seed" in part.opening
    assert part.verdict["gain"]["low"] is None


def test_a_method_that_is_never_ranked_is_better_than_none(factory):
    factory.skills = {"majority": 1.0}
    part = opened(factory.grid(["majority", "gce"], NOISES, SEEDS), "majority", "gce")
    assert part.verdict["better"] is None
    assert "never ranked" in part.opening
