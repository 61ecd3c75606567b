"""What is missing, and why: a row a method and reason."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet

MOST_PLACES = 3


def missing_tables(results: ResultSet) -> list[Table]:
    """Give the trials that a method lacks in cells that others have: failed, with the
    error, or never run.

    There is none where everything is complete.
    """
    lacking = _lacking(results)
    if lacking.empty:
        return []
    cells = results.cells
    seeds = int(cells["seeds"].sum())
    names = (cells["corpus"] + " " + cells["noise"]).to_dict()
    found = {key: group for key, group in lacking.groupby(["method", "reason"])}
    rows = []
    for name, method in results.methods.iterrows():
        for (_, reason), group in sorted((k, g) for k, g in found.items() if k[0] == name):
            places = [f"{names[row.cell]} ({row.missing}/{row.seeds})" for row in group.itertuples()]
            more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
            texts = [str(reason), f"{int(group['missing'].sum())}/{seeds}", ", ".join(places[:MOST_PLACES]) + more]
            rows.append(Row(label(str(name), method), tuple(map(Cell, texts))))
    columns = tuple(map(Column, ("reason", "trials missing", "where (missing/seeds)")))
    caption = (
        "Trials that a method lacks in cells where other methods have them. No mean is formed over such a cell's rest."
    )
    return [Table("missing", "failures", "Missing trials", caption, "method", columns, tuple(rows))]


def _lacking(results: ResultSet) -> pd.DataFrame:
    """Give cell, method, reason, how many trials it lacks for it, and the cell's seeds,
    in reading order of cells.
    """
    trials = results.trials
    every = pd.MultiIndex.from_product([results.cells.index, results.methods.index], names=["cell", "method"])
    ran = trials.groupby(["cell", "method"])["seed"].nunique().reindex(every, fill_value=0).rename("ran").reset_index()
    ran["seeds"] = results.cells["seeds"].reindex(ran["cell"]).to_numpy()
    never = ran.assign(reason="not run", missing=ran["seeds"] - ran["ran"])
    failed = trials[trials["status"] == "failed"].assign(reason=lambda rows: "failed: " + rows["failure_class"])
    failed = failed.groupby(["cell", "method", "reason"])["seed"].nunique().rename("missing").reset_index()
    failed["seeds"] = results.cells["seeds"].reindex(failed["cell"]).to_numpy()
    columns = ["cell", "method", "reason", "missing", "seeds"]
    both = pd.concat([never[columns], failed[columns]], ignore_index=True)
    order = {cell: place for place, cell in enumerate(results.cells.index)}
    return both[both["missing"] > 0].sort_values("cell", key=lambda cells: cells.map(order), kind="stable")
