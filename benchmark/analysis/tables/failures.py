"""Trials that failed, with their reasons; none of them is in any mean."""

from __future__ import annotations

from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet

LONGEST_MESSAGE = 200
MOST_PLACES = 3


def failure_tables(results: ResultSet) -> list[Table]:
    """Give failed trials by method and reason, none where nothing failed."""
    failed = results.trials[results.trials["status"] == "failed"]
    if failed.empty:
        return []
    rows = []
    failed = failed.assign(place=failed["corpus"] + " " + failed["noise"])
    for key, group in failed.groupby(["method", "failure_class", "failure_message"], sort=True):
        method, error, message = (str(part) for part in key)
        places = [f"{place} seed {seed}" for place, seed in zip(group["place"], group["seed"], strict=True)]
        more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
        reason = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
        texts = [str(len(group)), error, reason, ", ".join(places[:MOST_PLACES]) + more]
        rows.append(Row(method, tuple(map(Cell, texts))))
    columns = tuple(map(Column, ("trials", "error", "reason", "where")))
    caption = (
        "Failed trials are shown here and as k/n in the tables; they never enter a mean. The next run tries again."
    )
    return [Table("failures", "failures", "Failures", caption, "method", columns, tuple(rows))]
