"""The order in which tables and figures show cells and methods."""

from __future__ import annotations

import pandas as pd

CLEAN = "clean"


def cells_in_order(trials: pd.DataFrame) -> pd.DataFrame:
    """Give one row a cell, indexed by it, with its seeds and rates.

    The order is by corpus, then clean first, noise kind and rate.
    """
    grouped = trials.groupby("cell")
    cells = grouped[["corpus", "noise", "noise_kind", "noise_rate"]].first()
    cells["seeds"] = grouped["seed"].nunique()
    by_seed = trials.groupby(["cell", "seed"])[["requested_rate", "realised_rate", "realised_valid_rate"]].first()
    cells = cells.join(by_seed.groupby("cell").mean())
    cells["clean"] = cells["noise_kind"] == CLEAN
    order = cells.assign(first=~cells["clean"])
    order = order.sort_values(["corpus", "first", "noise_kind", "noise_rate", "noise"], kind="stable")
    return cells.loc[order.index]


def methods_in_order(trials: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Give one row a method, indexed by its name, with its `group` in tables.

    The reference is first, then come families, controls and oracles. An oracle twin
    (`name[rate=oracle]`) follows its method.
    """
    columns = ["family", "networks", "needs", "oracle", "control"]
    methods = trials.groupby("method")[columns].first()
    names = methods.index.to_series()
    base = names.str.split("[", n=1, regex=False).str[0]
    plain = set(names[~methods["oracle"]].str.split("[", n=1, regex=False).str[0])
    place = pd.Series(1, index=names.index)
    place[methods["oracle"] & ~base.isin(plain)] = 3
    place[methods["control"]] = 2
    place[base == reference] = 0
    place[reference] = -1 if reference in place.index else 0
    methods["group"] = methods["family"].where(place == 1, place.map({-1: "", 0: "", 2: "control", 3: "oracle"}))
    ordered = methods.assign(place=place.clip(lower=0), first=place != -1, base=base, name=names)
    return methods.loc[ordered.sort_values(["place", "group", "first", "base", "oracle", "name"]).index]
