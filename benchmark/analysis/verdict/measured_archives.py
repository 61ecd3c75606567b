"""Writes what the archives of results/measured say beforehand.

`python -m benchmark.analysis.verdict.measured_archives` writes archives.json, so that
an installed package has it, too.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection

import numpy as np

from benchmark.analysis.expectations import ARCHIVES, MEASURED, REFERENCE
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.settings import settings_of
from benchmark.analysis.verdict.archives import FILE, Failing, Fallback
from benchmark.analysis.verdict.prices import prices_in
from benchmark.analysis.verdict.report_card.cells import noisy_cells
from benchmark.analysis.verdict.report_card.choosers import CHECKED
from benchmark.analysis.verdict.report_card.table import ALWAYS, BY_NOISY, ReportCard, checked_way, report_card
from benchmark.records.schema import HEADLINE_RULES

MOST_OBSERVED = "observed"
"""The archive that holds the most cells of observed noise."""

LEAST_HARM = 0.03


def failing_in(results: ResultSet, archive: str) -> dict[str, list[Failing]]:
    """Give the noisy cells in which methods failed, each under its worse rule."""
    found: dict[tuple[str, str], Failing] = {}
    for rule in HEADLINE_RULES:
        for cell, compared in results.against_reference(rule).items():
            place = results.cells.loc[[cell]].iloc[0]
            for method, one in compared.items():
                if place["clean"] or not one.distinguishable or one.difference > -LEAST_HARM:
                    continue
                points = round(100 * one.difference, 1)
                failing = Failing(archive, results.encoder, str(place["corpus"]), str(place["noise"]), rule, points)
                if (method, cell) not in found or points < found[method, cell].difference:
                    found[method, cell] = failing
    by_method: dict[str, list[Failing]] = {}
    for (method, _), failing in found.items():
        by_method.setdefault(method, []).append(failing)
    return by_method


def fallback_of(results: ResultSet, card: ReportCard, archive: str, failed: Collection[str]) -> Fallback:
    """Give the method with the highest mean over both rules on the observed cells, of
    those that failed in no cell of any archive.
    """
    means = {way: 100 * float(np.mean(gains)) for (kind, way), gains in card.gains.items() if kind == "observed"}
    always = {way.removeprefix(ALWAYS): mean for way, mean in means.items() if way.startswith(ALWAYS)}
    method = max(always.keys() - failed, key=lambda name: always[name])
    observed = [cell.cell for cell in noisy_cells(results) if cell.observed]
    return Fallback(
        archive=archive,
        encoder=results.encoder,
        method=method,
        cells=card.cells["observed"],
        gain=round(always[method], 1),
        ratio=round(prices_in(results, observed).ratios[method], 1),
        noisy_labels=round(means[BY_NOISY], 1),
        checked=tuple((size, round(means[checked_way(size)], 1)) for size in CHECKED),
    )


def write_archives() -> None:
    """Write what the archives say, sorted by method, the worst cells first.

    A cell that several archives hold is told once.
    """
    failing: dict[str, dict[tuple[str, str, str], Failing]] = {}
    for name in ARCHIVES:
        for results in settings_of(MEASURED / name, REFERENCE):
            for method, cells in failing_in(results, name).items():
                mine = failing.setdefault(method, {})
                for one in cells:
                    mine.setdefault((one.encoder, one.corpus, one.noise), one)
    (observed,) = settings_of(MEASURED / MOST_OBSERVED, REFERENCE)
    card = report_card(observed)
    assert card is not None
    content = {
        "fallback": dataclasses.asdict(fallback_of(observed, card, MOST_OBSERVED, failing)),
        "failing": {
            method: [dataclasses.asdict(one) for one in sorted(cells.values(), key=lambda one: one.difference)]
            for method, cells in failing.items()
        },
    }
    FILE.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_archives()
