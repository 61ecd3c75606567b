"""What each method is given beyond noisy training and validation data."""

from __future__ import annotations

from benchmark.analysis.frame import needs_of
from benchmark.analysis.layout.format import NONE
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet


def need_tables(results: ResultSet) -> list[Table]:
    """Give one table: needs, the noise rate's source, networks, and whether the method
    is ranked.
    """
    sources = results.trials.groupby("method")["rate_source"].agg(lambda found: ", ".join(sorted(set(found.dropna()))))
    rate = {str(name): str(source) for name, source in sources.items()}
    rows = []
    for name, method in results.methods.iterrows():
        standing = "oracle" if method["oracle"] else "control" if method["control"] else "ranked"
        texts = [", ".join(needs_of(method)) or NONE, rate.get(str(name), "") or NONE]
        texts += [str(int(method["networks"])), str(method["family"]), standing]
        rows.append(Row(label(str(name), method), tuple(map(Cell, texts))))
    columns = tuple(map(Column, ("needs", "noise rate", "networks", "family", "standing")))
    caption = "What a method is given beyond noisy training and validation data, and where its noise rate comes from."
    return [Table("needs", "cost", "What methods need", caption, "method", columns, tuple(rows))]
