"""`python -m benchmark.analysis.validation` writes `statistics.md`, which lies in
results/measured/verdict.

It simulates the statements of docs/statistics.md and checks them on the archives.
"""

from __future__ import annotations

from benchmark.analysis.expectations import MEASURED, REFERENCE
from benchmark.analysis.files import write_bytes
from benchmark.analysis.formats.markdown import fill, markdown
from benchmark.analysis.settings import settings_of
from benchmark.analysis.validation.other_seeds import coverage_table, power_table
from benchmark.analysis.validation.simulated_tables import simulated_tables

LARGEST = "full-frozen-minilm"
HEAD = "# Whether the statistics hold what they say"
INTRODUCTION = (
    "Simulated errors of each statement of `docs/statistics.md`, and the same on seeds of the archives that the "
    "statement has not seen. `make tables` writes this file."
)


def main() -> None:
    """Write all tables, below each other."""
    named = [
        (f"{path.parent.name}, {results.name}", results)
        for path in sorted(MEASURED.glob("*/records.parquet"))
        for results in settings_of(path.parent, REFERENCE)
        if REFERENCE in results.methods.index
    ]
    largest = next(results for name, results in named if name.startswith(f"{LARGEST},"))
    tables = [coverage_table(named), power_table(LARGEST, largest), *simulated_tables()]
    text = "\n".join([f"{HEAD}\n\n{fill(INTRODUCTION)}\n", *map(markdown, tables)])
    write_bytes(MEASURED / "verdict" / "statistics.md", text.encode())


if __name__ == "__main__":
    main()
