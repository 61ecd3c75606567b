"""Who beats the reference: only what a test finds under both headline rules."""

from benchmark.analysis.tables.reference import decided, reference_tables


def shown(factory, result_set_of, accuracies):
    """A setting of five seeds with the given test accuracies by method."""
    records = [
        factory.record(method, seed=seed, accuracy=accuracy + 0.001 * seed)
        for method, accuracy in accuracies.items()
        for seed in range(5)
    ]
    return result_set_of(records)


def test_better_and_worse_methods_are_told_from_those_that_are_not_decided(factory, result_set_of):
    results = shown(factory, result_set_of, {"cross_entropy": 0.7, "gce": 0.9, "elr": 0.4, "cr": 0.701})
    assert decided(results, str(results.cells.index[0])) == (["gce"], ["elr"])
    first = reference_tables(results)[0]
    assert [cell.text for cell in first.rows[0].cells] == ["gce", "elr"]


def test_differences_are_points_and_a_star_says_that_they_are_beyond_luck(factory, result_set_of):
    results = shown(factory, result_set_of, {"cross_entropy": 0.7, "gce": 0.9, "cr": 0.7})
    texts = {row.label: row.cells[0].text for row in reference_tables(results)[1].rows}
    gained = float(texts["gce"].rstrip("*"))
    assert texts["gce"].endswith("*")
    assert 15 < gained < 25
    assert not texts["cr"].endswith("*")
    assert abs(float(texts["cr"])) < 5


def test_one_seed_decides_nothing_and_gives_no_table(factory, result_set_of):
    records = [factory.record(method, seed=0, accuracy=a) for method, a in (("cross_entropy", 0.5), ("gce", 0.9))]
    assert reference_tables(result_set_of(records)) == []


def test_oracles_are_not_compared(factory, result_set_of):
    results = shown(factory, result_set_of, {"cross_entropy": 0.5, "gce[rate=oracle]": 0.9, "gce": 0.9})
    assert all("oracle" not in name for names in decided(results, str(results.cells.index[0])) for name in names)
