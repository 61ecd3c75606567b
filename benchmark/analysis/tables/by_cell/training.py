"""What happened to the wrong labels in training: memorised, suspected, corrected."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.format import NONE, number, points
from benchmark.analysis.layout.grid import Score, grid_tables, missing_text
from benchmark.analysis.layout.table import Table
from benchmark.analysis.result_set import ResultSet

MEASURES = {
    "train_memorised": ("Memorised wrong labels", "Share of wrong training labels that the classifier fitted, in %."),
    "train_suspicion_auroc": ("Finding wrong labels, AUROC", "Area under the ROC curve of the method's suspicion."),
    "train_suspicion_ap": ("Finding wrong labels, average precision", "Average precision of the method's suspicion."),
    "train_matrix_error": (
        "Error of the estimated transition matrix",
        "Estimated against realised transition matrix: sum of absolute differences of a row, mean over classes.",
    ),
    "train_corrected_accuracy": ("Corrected labels", "Accuracy of the corrected training labels, in %."),
}
IN_PERCENT = ("train_memorised", "train_corrected_accuracy")


def training_tables(results: ResultSet) -> list[Table]:
    """Give a table for each measure that any method offers, with the methods that offer
    it, as means over seeds.
    """
    tables = []
    for column, (title, words) in MEASURES.items():
        if column not in results.frame or not results.frame[column].notna().any():
            continue
        scores = _scores(results, column)
        some = scores.index[scores["count"] > 0].get_level_values("method").unique()
        caption = f"{words} Mean over seeds."
        key = f"training-{column.removeprefix('train_').replace('_', '-')}"
        written = _percent if column in IN_PERCENT else _share
        tables += grid_tables(results, key, "training", title, caption, scores, text=written, only=some)
    return tables


def _scores(results: ResultSet, column: str) -> pd.DataFrame:
    key = ["cell", "method"]
    trials = results.trials.assign(failed=results.trials["status"] == "failed")
    scores = trials.groupby(key).agg(
        trials=("seed", "nunique"), failed=("failed", "sum"), mean=(column, "mean"), count=(column, "count")
    )
    scores["seeds"] = results.cells["seeds"].reindex(scores.index.get_level_values("cell")).to_numpy()
    scores["complete"] = scores["count"] == scores["seeds"]
    return scores


def _percent(score: Score) -> str:
    return points(score["mean"]) + missing_text(score) if score["count"] else NONE


def _share(score: Score) -> str:
    return number(score["mean"], 3) + missing_text(score) if score["count"] else NONE
