"""Noise rates: what was asked for and made, and what methods were told."""

from __future__ import annotations

from benchmark.analysis.layout.format import number, signed
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet

SIZES = ("train_rows", "valid_rows", "test_rows")


def rate_tables(results: ResultSet) -> list[Table]:
    """Give the noise that was made in each cell, and the rate estimates with their
    errors where a method used one.
    """
    return [_made(results), *_estimates(results)]


def _made(results: ResultSet) -> Table:
    trials = results.trials
    by_seed = trials.groupby(["cell", "seed"])[["realised_rate", *SIZES]].first().astype(float)
    low, high = by_seed.groupby("cell").min(), by_seed.groupby("cell").max()
    rows = []
    for _, row in results.cells.join(low.add_suffix("_low")).join(high.add_suffix("_high")).iterrows():
        texts = [number(row["requested_rate"]), number(row["realised_rate"], 3)]
        texts.append(f"{number(row['realised_rate_low'], 3)} to {number(row['realised_rate_high'], 3)}")
        texts.append(number(row["realised_valid_rate"], 3))
        texts += [number(float(row[f"{name}_high"]), 0) for name in SIZES]
        texts.append(str(int(row["seeds"])))
        rows.append(Row(f"{row['corpus']} {row['noise']}", tuple(map(Cell, texts))))
    names = ["asked", "realised", "over seeds", "in validation", "train rows", "valid rows", "test rows", "seeds"]
    caption = "Share of wrong labels among labelled training rows: asked for, and made (mean, then range over seeds)."
    return Table("noise", "noise", "Noise that was made", caption, "cell", tuple(map(Column, names)), tuple(rows))


def _estimates(results: ResultSet) -> list[Table]:
    used = results.trials[results.trials["rate_value"].notna() & (results.trials["rate_source"] == "estimated")]
    if used.empty:
        return []
    used = used.assign(estimator=used["rate_estimator"].fillna("unnamed"))
    used["error"] = used["rate_error"].fillna(used["rate_value"] - used["realised_rate"])
    rows = []
    groups = {key: group for key, group in used.groupby(["cell", "estimator"])}
    for cell, place in results.cells.iterrows():
        for (_, estimator), group in sorted((k, g) for k, g in groups.items() if k[0] == cell):
            # The methods of a cell share one estimate a seed, which must not be counted once a method.
            each = group.drop_duplicates(["seed", "rate_value"])
            texts = [str(estimator), number(each["rate_value"].mean(), 3), number(each["realised_rate"].mean(), 3)]
            texts += [signed(each["error"].mean(), 3), number(each["error"].abs().mean(), 3), str(len(each))]
            texts.append(", ".join(sorted(set(group["method"]))))
            rows.append(Row(f"{place['corpus']} {place['noise']}", tuple(map(Cell, texts))))
    names = ["estimator", "estimate", "true", "error", "absolute error", "estimates", "used by"]
    caption = "Noise rates that methods were given, against the realised rate; means over seeds."
    columns = tuple(map(Column, names))
    return [Table("rate-estimates", "noise", "Estimates of the noise rate", caption, "cell", columns, tuple(rows))]
