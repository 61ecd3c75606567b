"""Priors of variances between seeds, as large archives have them, for small sets.

`python -m benchmark.analysis.scores.priors` reads archives of results/measured and
writes priors.json beside this file, so that an installed package has it, too.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from benchmark.analysis.statistics.prior import SMALL_SET_DEGREES, Prior

FILE = Path(__file__).with_suffix(".json")
MEASURED = Path(__file__).resolve().parents[3] / "results" / "measured"
ARCHIVES = ("full-frozen-minilm",)
REFERENCE = "cross_entropy"


def packaged_prior(encoder: str, recipe: str, rule: str, metric: str) -> Prior | None:
    """Give the prior that was measured under an encoder, recipe and rule, if any."""
    found = _written().get(_key(encoder, recipe, rule, metric))
    if found is None:
        return None
    return Prior(SMALL_SET_DEGREES, float(found["variance"]), source=str(found["archive"]))


@functools.cache
def _written() -> dict[str, dict[str, str | float]]:
    if not FILE.is_file():
        return {}
    content: dict[str, dict[str, str | float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def _key(*parts: str) -> str:
    return " | ".join(parts)


def write_priors() -> None:
    """Write the priors of the archives that are large enough to have one."""
    from benchmark.analysis.comparability import comparable_groups
    from benchmark.analysis.frame import tidy
    from benchmark.analysis.result_set import ACCURACY, ResultSet
    from benchmark.records.archive import read_archive
    from benchmark.records.schema import HEADLINE_RULES

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
                    found[_key(encoder, recipe, rule, ACCURACY)] = {"archive": archive, "variance": variance}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_priors()
