"""What methods gained where they were measured, for `explain`.

`python -m benchmark.analysis.expectations` reads the archives of results/measured and
writes expectations.json beside this file, so that an installed package has it, too.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_suffix(".json")
MEASURED = Path(__file__).resolve().parents[2] / "results" / "measured"
ARCHIVES = (
    "full-frozen-minilm",
    "baselines-trec",
    "related-methods",
    "observed",
    "fine-tuned-minilm-paper",
    "fine-tuned-minilm-trec",
)
REFERENCE = "cross_entropy"


@dataclass(frozen=True)
class Expectation:
    """What one archive says of a method, beside cross-entropy in the same cells.

    `blocks` counts noisy blocks that hold both methods in full, `last` and
    `noisy_valid` are mean gains over them in points of test accuracy. `seconds` is the
    median ratio of the seconds of a trial, and None where no pair of trials ran on
    equal machines.
    """

    archive: str
    encoder: str
    version: int
    blocks: int
    last: float
    noisy_valid: float
    seconds: float | None


def expectations_of(method: str) -> list[Expectation]:
    """Return what each archive says of a method, named as in a record; empty where it
    has none.
    """
    return list(_written().get(method, ()))


def expectation_lines(method: str, version: int) -> Iterator[str]:
    """Say what to expect of a method, one line an archive; nothing where it was not
    measured.
    """
    found = expectations_of(method)
    if not found:
        return
    yield f"  what to expect: mean gain over {REFERENCE} in points, by archive of results/measured"
    for each in found:
        blocks = "1 block" if each.blocks == 1 else f"{each.blocks} blocks"
        cost = "" if each.seconds is None else f"; {each.seconds:.1f} × its seconds"
        old = "" if each.version == version else f" (by version {each.version}; now {version})"
        yield f"    {each.archive}, encoder {each.encoder}, {blocks}{old}:"
        yield f"      last {each.last:+.1f}, noisy-valid {each.noisy_valid:+.1f}{cost}"


@functools.lru_cache(maxsize=1)
def _written() -> dict[str, list[Expectation]]:
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return {method: [Expectation(**each) for each in found] for method, found in content.items()}


def measured_in(archive: Path) -> dict[str, list[Expectation]]:
    """Compute what one archive says of every method that it ranks beside the reference.

    Parameters
    ----------
    archive
        The folder of an archive: it holds `records.parquet`.

    Returns
    -------
    dict
        For each method, one expectation an encoder and recipe.
    """
    from benchmark.analysis.settings import settings_of
    from benchmark.analysis.tables.costs import cost_ratios

    found: dict[str, list[Expectation]] = {}
    for results in settings_of(archive, REFERENCE):
        gains = {rule: {c.method: c for c in results.across(rule).comparisons} for rule in ("last", "noisy_valid")}
        versions = results.trials.groupby("method")["method_version"].max()
        seconds = cost_ratios(results.trials, REFERENCE)
        for method in sorted(gains["last"].keys() & gains["noisy_valid"].keys()):
            last, valid = gains["last"][method], gains["noisy_valid"][method]
            ratio = float(seconds.get(method, math.nan))
            found.setdefault(method, []).append(
                Expectation(
                    archive=archive.name,
                    encoder=results.encoder,
                    version=int(versions[method]),
                    blocks=last.wins + last.ties + last.losses,
                    last=round(100 * last.difference, 1),
                    noisy_valid=round(100 * valid.difference, 1),
                    seconds=round(ratio, 1) if math.isfinite(ratio) else None,
                )
            )
    return found


def write_expectations(measured: Path, file: Path) -> None:
    """Write what the archives of a folder say, sorted by method."""
    content: dict[str, list[dict[str, object]]] = {}
    for name in ARCHIVES:
        for method, found in measured_in(measured / name).items():
            content.setdefault(method, []).extend(dataclasses.asdict(each) for each in found)
    file.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_expectations(MEASURED, FILE)
