import numpy as np
import pytest

from benchmark.analysis.scores.in_corpora import MeanCorrectness, mean_of
from benchmark.analysis.scores.seed_arrays import SeedArrays


@pytest.mark.parametrize("cells", [1, 3, 7])
def test_counts_give_the_mean_over_cells_and_rules_to_the_last_bit(cells):
    draws = np.random.default_rng(cells)
    rules = [
        [SeedArrays({"a": np.ones(5)}, {"a": draws.random((5, 40)) < 0.7}) for _ in range(cells)] for _ in range(2)
    ]
    whole = mean_of([mean_of(rule) for rule in rules]).correct["a"]
    counted = MeanCorrectness(rules, ["a"])
    assert np.array_equal(counted["a"], whole)
    assert list(counted) == ["a"]
