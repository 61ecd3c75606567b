"""The cells that a ranking is over, where not every method was measured in every cell.

A mean over other cells than those of its neighbours is no ranking. So methods are
ranked over the cells that make the largest table without a hole: cells are taken by how
many ranked methods are complete there, and as many are kept as give most entries of
cells by methods.
"""

from __future__ import annotations

import pandas as pd


def largest_full_table(complete: pd.DataFrame, reference: str) -> tuple[list[str], list[str]]:
    """Give the cells and methods of the largest full table that holds the reference.

    Parameters
    ----------
    complete
        Cells by methods: whether the method has every seed there.
    reference
        A method that the table must hold.

    Returns
    -------
    tuple
        The cells and the methods, in the order given. Both are empty where no other
        method is complete beside the reference.

    >>> holes = {"ce": [True, True, True], "a": [True, True, False]}
    >>> largest_full_table(pd.DataFrame(holes, ["x", "y", "z"]), "ce")
    (['x', 'y'], ['ce', 'a'])
    """
    if reference not in complete:
        return [], []
    usable = complete[complete[reference]]
    order = usable.sum(axis=1).sort_values(ascending=False, kind="stable").index
    best: tuple[int, int] = (0, 0)
    for taken in range(1, len(order) + 1):
        methods = int(usable.loc[order[:taken]].all().sum())
        if methods > 1 and taken * methods > best[0]:
            best = (taken * methods, taken)
    chosen = set(order[: best[1]])
    cells = [str(cell) for cell in usable.index if cell in chosen]
    whole = usable.loc[cells].all() if cells else pd.Series(dtype=bool)
    return cells, [str(method) for method in whole.index[whole.astype(bool)]]
