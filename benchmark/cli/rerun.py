"""What a trial gave when it was run again, beside what its record says."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.analysis.layout.format import points, rule_name
from benchmark.records.schema import HEADLINE_RULES, Record, Selection


def beside_record(record: Record, again: Record) -> Iterator[str]:
    """Give a sentence for each headline rule that both have: the two accuracies, and
    how many test texts are right in one and wrong in the other. Another ending is said.
    """
    if record.status != again.status:
        yield f"The record says '{record.status}', and here the trial ended '{again.status}'."
    for rule in HEADLINE_RULES:
        recorded, here = record.selections.get(rule), again.selections.get(rule)
        if recorded is None or here is None:
            continue
        name = "test_accuracy" if "test_accuracy" in recorded.metrics else "noisy_test_accuracy"
        if name in recorded.metrics and name in here.metrics:
            yield (
                f"{rule_name(rule).capitalize()}: {points(recorded.metrics[name])} % in the record, "
                f"{points(here.metrics[name])} % here{_texts(recorded, here, record)}."
            )


def _texts(recorded: Selection, here: Selection, record: Record) -> str:
    if record.manifest is None:
        return ""
    rows = record.manifest.test_rows
    try:
        differing = int((recorded.correctness(rows) != here.correctness(rows)).sum())
    except ValueError:
        return ""
    return f"; {differing} of {rows} test texts differ in being right"
