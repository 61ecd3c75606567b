"""Who beats the reference: only what a test finds under both headline rules."""

from benchmark.analysis.tables.reference import decided, reference_tables


def shown(factory, setting_of, accuracies):
    """A setting of five seeds with the given test accuracies by method."""
    records = [
        factory.record(method, seed=seed, accuracy=accuracy + 0.001 * seed)
        for method, accuracy in accuracies.items()
        for seed in range(5)
    ]
    return setting_of(records)


def test_better_and_worse_methods_are_told_from_those_that_are_not_decided(factory, setting_of):
    setting = shown(factory, setting_of, {"cross_entropy": 0.7, "gce": 0.9, "elr": 0.4, "cr": 0.701})
    assert decided(setting, str(setting.cells.index[0])) == (["gce"], ["elr"])
    first = reference_tables(setting)[0]
    assert [cell.text for cell in first.rows[0].cells] == ["gce", "elr"]


def test_one_seed_decides_nothing_and_gives_no_table(factory, setting_of):
    records = [factory.record(method, seed=0, accuracy=a) for method, a in (("cross_entropy", 0.5), ("gce", 0.9))]
    assert reference_tables(setting_of(records)) == []


def test_oracles_are_not_compared(factory, setting_of):
    setting = shown(factory, setting_of, {"cross_entropy": 0.5, "gce[rate=oracle]": 0.9, "gce": 0.9})
    assert all("oracle" not in name for names in decided(setting, str(setting.cells.index[0])) for name in names)
