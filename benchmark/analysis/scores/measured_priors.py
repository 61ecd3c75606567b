"""Writes the priors that large archives of results/measured have.

`python -m benchmark.analysis.scores.measured_priors` writes priors.json, so that an
installed package has them, too.
"""

from __future__ import annotations

import json

from benchmark.analysis.expectations import MEASURED, REFERENCE
from benchmark.analysis.result_set import ACCURACY
from benchmark.analysis.scores.priors import FILE, key_of
from benchmark.analysis.settings import settings_of
from benchmark.records.schema import HEADLINE_RULES

ARCHIVES = ("full-frozen-minilm",)


def write_priors() -> None:
    """Write the priors of the archives that are large enough to have one."""
    found: dict[str, dict[str, str | float]] = {}
    for archive in ARCHIVES:
        for results in settings_of(MEASURED / archive, REFERENCE):
            for rule in HEADLINE_RULES:
                prior = results.prior(rule)
                if prior.of_set:
                    key = key_of(results.encoder, results.recipe, rule, ACCURACY)
                    found[key] = {"archive": archive, "variance": float(f"{prior.variance:.4g}")}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_priors()
