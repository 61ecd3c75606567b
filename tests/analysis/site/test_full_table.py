"""Methods are ranked over the cells that make the largest table without a hole."""

import pandas as pd

from benchmark.analysis.site.full_table import largest_full_table

CELLS = ["w", "x", "y", "z"]


def table(**methods):
    return pd.DataFrame({name: [cell in cells for cell in CELLS] for name, cells in methods.items()}, index=CELLS)


def test_all_cells_are_kept_where_every_method_has_them():
    assert largest_full_table(table(ce="wxyz", a="wxyz"), "ce") == (CELLS, ["ce", "a"])


def test_cells_that_few_methods_have_are_left_out():
    assert largest_full_table(table(ce="wxyz", a="wx", b="wx", c="wxz"), "ce") == (["w", "x"], ["ce", "a", "b", "c"])


def test_a_method_with_one_cell_does_not_cost_the_others_theirs():
    assert largest_full_table(table(ce="wxyz", a="wxyz", b="w"), "ce") == (CELLS, ["ce", "a"])


def test_cells_without_the_reference_never_count():
    assert largest_full_table(table(ce="xy", a="wxyz", b="wxyz"), "ce") == (["x", "y"], ["ce", "a", "b"])


def test_the_reference_alone_makes_no_table():
    assert largest_full_table(table(ce="wxyz", a=""), "ce") == ([], [])
    assert largest_full_table(table(a="wxyz"), "ce") == ([], [])
