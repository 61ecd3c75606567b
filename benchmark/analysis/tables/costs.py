"""What the methods cost."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.format import NONE, count, number, plural
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet

PAIR = ["cell", "seed"]
PLACE = ["device", "threads"]


def cost_tables(results: ResultSet) -> list[Table]:
    """Give the median costs of a method's finished trials, and its time as a multiple
    of the reference's.
    """
    trials = results.trials[(results.trials["status"] == "done") & results.trials["wall_s"].notna()]
    if trials.empty:
        return []
    numbers = ["wall_s", "forward_texts", "backward_texts", "peak_mib", "gpu_peak_mib"]
    costs = trials[["method", *numbers]].astype({name: "float64" for name in numbers}).groupby("method").median()
    costs["trials"] = trials.groupby("method").size()
    costs["ratio"] = cost_ratios(trials, results.reference)
    by_method = {str(name): cost for name, cost in costs.iterrows()}
    columns = ["seconds", f"× {results.reference}", "forward texts", "backward texts"]
    columns += ["peak MiB", "GPU peak MiB", "networks", "trials"]
    rows = tuple(
        Row(label(str(name), method), _cells(by_method[str(name)], int(method["networks"])))
        for name, method in results.methods.iterrows()
        if name in by_method
    )
    places = ", ".join(sorted({f"{device} ({plural(int(threads), 'thread')})" for device, threads in _places(trials)}))
    caption = (
        "Medians over finished trials; the ratio of seconds is paired by cell, seed, device and threads. "
        f"Devices: {places}."
    )
    return [Table("cost", "cost", "Cost", caption, "method", tuple(map(Column, columns)), rows)]


def cost_ratios(trials: pd.DataFrame, reference: str) -> pd.Series[float]:
    """Give by method the median ratio of wall seconds to the reference's in the same
    cell, seed, device and threads.
    """
    base = trials.loc[trials["method"] == reference, [*PAIR, *PLACE, "wall_s"]]
    paired = trials.merge(base, on=[*PAIR, *PLACE], suffixes=("", "_reference"))
    ratio = paired["wall_s"] / paired["wall_s_reference"].where(paired["wall_s_reference"] > 0)
    return ratio.groupby(paired["method"]).median()


def _places(trials: pd.DataFrame) -> set[tuple[str, str]]:
    pairs = trials[PLACE].drop_duplicates().itertuples(index=False)
    return {(str(device), str(threads)) for device, threads in pairs}


def _cells(cost: pd.Series[float], networks: int) -> tuple[Cell, ...]:
    seconds = number(cost["wall_s"], 1 if cost["wall_s"] < 100 else 0)
    gpu = number(cost["gpu_peak_mib"], 0) if pd.notna(cost["gpu_peak_mib"]) else NONE
    texts = [seconds, number(cost["ratio"]), count(cost["forward_texts"]), count(cost["backward_texts"])]
    texts += [number(cost["peak_mib"], 0), gpu, str(networks), str(int(cost["trials"]))]
    return tuple(Cell(text) for text in texts)
