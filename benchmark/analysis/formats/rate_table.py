"""The comparison of noise-rate estimators as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

CELL = ["corpus", "noise", "encoder"]


def rate_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Give a row for each estimate, in the order in which they were made."""
    return pd.DataFrame(list(rows))


def rate_markdown(frame: pd.DataFrame, default: str) -> str:
    """Write cells by estimators: the mean estimate over seeds and its mean signed
    error, then mean absolute errors.
    """
    names = list(dict.fromkeys(frame["estimator"]))
    lines = [
        "# Noise-rate estimators",
        "",
        f"Estimate and signed error of every estimator on every cell ({frame['seed'].nunique()} seed(s) a cell); no "
        f"clean label is read by an estimator. The default is `{default}`: lowest mean absolute error over all cells.",
        "",
        "| corpus | noise | true | " + " | ".join(names) + " |",
        "| --- | --- | --- | " + " | ".join("---" for _ in names) + " |",
    ]
    for (corpus, noise, _), cell in frame.groupby(CELL, sort=False):
        means = cell.groupby("estimator")[["estimate", "error"]].mean()
        values = [f"{means.loc[n, 'estimate']:.3f} ({means.loc[n, 'error']:+.3f})" for n in names]
        lines.append(f"| {corpus} | {noise} | {cell['true_rate'].mean():.3f} | " + " | ".join(values) + " |")
    lines += ["", "| mean absolute error over | cells | " + " | ".join(names) + " |"]
    lines.append("| --- | --- | " + " | ".join("---" for _ in names) + " |")
    kind = frame["noise"].str.replace(r"\([^)]*\)", "", regex=True)
    groups = {"all cells": frame, "noisy cells": frame[kind != "clean"]}
    groups |= {str(name): group for name, group in frame.groupby(kind, sort=False)}
    for name, group in groups.items():
        errors = group.assign(error=group["error"].abs()).groupby("estimator")["error"].mean()
        cells = len(group[CELL].drop_duplicates())
        lines.append(f"| {name} | {cells} | " + " | ".join(f"{errors[n]:.3f}" for n in names) + " |")
    seconds = frame.groupby("estimator")["seconds"].mean()
    lines.append("| seconds, mean | | " + " | ".join(f"{seconds[n]:.2f}" for n in names) + " |")
    return "\n".join(lines) + "\n"
