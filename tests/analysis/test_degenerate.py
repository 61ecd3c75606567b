"""Records that leave a statistic nothing to work with: a report and a page on two
methods come out all the same.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.analysis.compare import page as pair_page
from benchmark.analysis.compare.measure import measure
from benchmark.analysis.report import write_report
from benchmark.analysis.result_set import ACCURACY
from benchmark.analysis.statistics import bayesian_signed_rank, compare_blocks, exploratory_pairs

METHODS = ("cross_entropy", "gce", "elr")
NOISES = ("symmetric(0.2)", "symmetric(0.4)")
CORPORA = tuple("abcdefg")


def made(factory, accuracy, seeds=(1, 2), corpora=("trec",), methods=METHODS, **changes):
    """Records whose accuracies are given by a function of method and seed."""
    return [
        factory.record(method, noise, seed, corpus, accuracy=accuracy(method, seed), **changes)
        for corpus in corpora
        for noise in NOISES
        for method in methods
        for seed in seeds
    ]


def by_place(method, seed):
    return 0.5 + 0.2 * METHODS.index(method)


def alike(method, seed):
    return 0.7


def far(method, seed):
    return float(METHODS.index(method) == 0)


def by_seed(method, seed):
    return 0.4 + 0.01 * seed + 0.02 * METHODS.index(method) * (seed % 2)


CASES = {
    "a constant gap": (by_place, 3080, {}),
    "identical methods": (alike, 40, {}),
    "all right against all wrong": (far, 40, {}),
    "one test text": (far, 1, {}),
    "one seed": (by_seed, 40, {"seeds": (1,)}),
    "fifty seeds": (by_seed, 40, {"seeds": tuple(range(1, 51))}),
    "no correctness": (by_place, 40, {"bits": False}),
    "all failed": (alike, 40, {"status": "failed"}),
}


@pytest.mark.usefixtures("every_format")
@pytest.mark.parametrize("case", CASES)
def test_a_report_comes_out_of_degenerate_records(factory, tmp_path, case):
    accuracy, factory.rows, changes = CASES[case]
    assert write_report(made(factory, accuracy, **changes), tmp_path).summary
    table = pd.read_csv(tmp_path / "comparisons.csv")
    for name in ("p", "p_holm"):
        assert table[name].dropna().between(0, 1).all()
    tested = table.dropna(subset=["p"])
    assert (tested["low"] <= tested["difference"]).all()
    assert (tested["difference"] <= tested["high"]).all()


@pytest.mark.parametrize("corpora", [("trec",), CORPORA], ids=["one corpus", "seven corpora"])
@pytest.mark.parametrize("case", [case for case in CASES if case != "all failed"])
def test_a_page_on_two_methods_comes_out_of_degenerate_records(factory, case, corpora):
    accuracy, factory.rows, changes = CASES[case]
    if len(corpora) > 1:
        changes = changes | {"seeds": (1, 2)}
    assert pair_page.compare_pair(made(factory, accuracy, corpora=corpora, **changes), "gce", "elr").parts


def test_a_report_on_one_method_alone_compares_nothing(factory, tmp_path):
    records = made(factory, by_seed, methods=("cross_entropy",))
    assert write_report(records, tmp_path).summary
    assert pd.read_csv(tmp_path / "comparisons.csv").empty


def test_methods_that_never_differ_are_told_apart_in_no_block(factory, result_set_of):
    records = made(factory, alike, corpora=CORPORA)
    found = measure(result_set_of(records), ("gce", "elr"), "last", ACCURACY, 0.01)
    assert found.across.decided == 0
    assert found.count(1) == 0
    assert found.across.found.deviation == 0


def test_a_gap_that_all_blocks_share_has_no_deviation_from_rounding(factory, result_set_of):
    factory.rows = 1000
    records = made(
        factory, lambda method, seed: {"cross_entropy": 0.1, "gce": 0.3, "elr": 0.6}[method], corpora=CORPORA
    )
    found = measure(result_set_of(records), ("gce", "elr"), "last", ACCURACY, 0.01)
    assert found.across.found.deviation == 0
    assert found.across.detectable == np.inf
    assert np.isnan(found.across.found.low)


values = st.one_of(st.just(np.nan), st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 16), st.integers(1, 4), st.data())
def test_tables_with_ties_and_gaps_never_break_the_tests_across_blocks(blocks, methods, data):
    cells = data.draw(st.lists(values, min_size=blocks * methods, max_size=blocks * methods))
    names = ["ce", "a", "b", "c"][:methods]
    table = pd.DataFrame(np.array(cells, dtype=float).reshape(blocks, methods), columns=names)
    found = compare_blocks(table, "ce", [f"corpus {i}" for i in range(blocks)])
    for one in found.comparisons:
        assert np.isnan(one.p) or 2.0 ** (1 - one.blocks) * (1 - 1e-9) <= one.p <= 1
        assert np.isnan(one.p_holm) or found.smallest_p * (1 - 1e-9) <= one.p_holm <= 1
        assert not one.low > one.high
        assert one.deviation >= 0 or np.isnan(one.deviation)
    for name in names[1:]:
        posterior = bayesian_signed_rank((table[name] - table["ce"]).to_numpy(), 0.01, draws=200)
        if posterior is not None:
            assert posterior.better + posterior.equivalent + posterior.worse == pytest.approx(1)
    for pair in exploratory_pairs(table):
        assert 0 < pair.p_holm <= 1
