"""The frozen recipe can memorise wrong labels; else it could not tell methods apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.corpora import availability

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def data_folder(monkeypatch):
    if SHARED.is_dir():
        monkeypatch.setenv("BENCHMARK_DATA", str(SHARED))
    if not availability("trec").at_hand:
        pytest.skip("the TREC files are not on this machine")


def test_cross_entropy_over_frozen_features_fits_nine_in_ten_wrong_labels_of_trec(tmp_path):
    from benchmark import run_grid

    outcome = run_grid(
        "full",
        tmp_path,
        methods=["cross_entropy"],
        corpora=["trec"],
        noises=["symmetric(0.4)"],
        encoders=["frozen:minilm"],
        seeds=1,
        limit_examples=700,
        executor="inline",
    )
    record = outcome.records[0]
    assert record.status == "done", record.failure
    assert record.train_metrics["memorised"] >= 0.90
    accuracy = {rule: chosen.metrics["test_accuracy"] for rule, chosen in record.selections.items()}
    assert accuracy["best_test"] - accuracy["last"] > 0.10, "what is memorised costs test accuracy"
