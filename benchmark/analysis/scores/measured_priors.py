"""Writes the priors that large archives of results/measured have.

`python -m benchmark.analysis.scores.measured_priors` writes priors.json, so that an
installed package has them, too.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmark.analysis.comparability import comparable_groups
from benchmark.analysis.frame import tidy
from benchmark.analysis.result_set import ACCURACY, ResultSet
from benchmark.analysis.scores.priors import FILE, key_of
from benchmark.records.archive.reading import read_archive
from benchmark.records.schema import HEADLINE_RULES

MEASURED = Path(__file__).resolve().parents[3] / "results" / "measured"
ARCHIVES = ("full-frozen-minilm",)
REFERENCE = "cross_entropy"


def write_priors() -> None:
    """Write the priors of the archives that are large enough to have one."""
    found: dict[str, dict[str, str | float]] = {}
    for archive in ARCHIVES:
        groups = comparable_groups(tidy(read_archive(MEASURED / archive / "records.parquet")))
        for encoder, recipe in groups.settings:
            mine = (groups.kept["encoder"] == encoder) & (groups.kept["recipe"] == recipe)
            results = ResultSet(encoder, recipe, groups.kept[mine], REFERENCE)
            for rule in HEADLINE_RULES:
                prior = results.prior(rule)
                if prior.of_set:
                    variance = float(f"{prior.variance:.4g}")
                    found[key_of(encoder, recipe, rule, ACCURACY)] = {"archive": archive, "variance": variance}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_priors()
