"""The results of each encoder and recipe: of records, and of an archive's folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.analysis.comparability import Comparable
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.points import Detail
from benchmark.analysis.result_set import ResultSet
from benchmark.records.archive.reading import read_archive
from benchmark.records.metric_specs import PREDICTION_METRICS, MetricSpec


def result_sets(
    separation: Comparable,
    reference: str,
    details: Sequence[Detail] = (),
    metric: MetricSpec = PREDICTION_METRICS["accuracy"],
) -> Iterator[ResultSet]:
    """Yield the results of each encoder and recipe of the records that were kept."""
    kept = separation.kept
    for encoder, recipe in separation.settings:
        mine = (kept["encoder"] == encoder) & (kept["recipe"] == recipe)
        # A large frame is not copied without need.
        yield ResultSet(encoder, recipe, kept if mine.all() else kept[mine], reference, details, metric)


def settings_of(archive: Path, reference: str) -> Iterator[ResultSet]:
    """Yield the results of each encoder and recipe of an archive's folder."""
    return result_sets(comparable_groups(tidy(read_archive(archive / "records.parquet"))), reference)
