"""The measurement of detection on observed and injected noise: `python -m
benchmark.cli.detection`.

cleanlab, where it is installed, is measured beside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli.output import say

INJECTED_INTO = ("trec", "semeval", "apidocs")
INJECTED = tuple(f"{kind}({rate})" for kind in ("symmetric", "asymmetric", "instance") for rate in (0.1, 0.2, 0.4))


def measure(
    out: Annotated[Path, typer.Option(help="Folder for the scores, the counts and their tables.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each cell.")] = 5,
) -> None:
    """Measure every rule, detector and score of cleanlab on every cell and seed."""
    import pandas as pd

    from benchmark.audit.embedding import embed
    from benchmark.audit.heads import Features
    from benchmark.audit.measurement.measure import as_rows, load_cell, measure_cell
    from benchmark.audit.measurement.table import count_table, detection_table
    from benchmark.corpora import load_card, load_corpus
    from benchmark.experiment.grid import load_grid
    from benchmark.files.durable import write_whole

    @cache
    def features_of(corpus: str, split: str) -> Features:
        texts = load_corpus(corpus).splits[split].texts
        return embed(texts, max_tokens=load_card(corpus).default_max_tokens)

    observed = [
        (corpus, noise) for part in load_grid("observed").cells for corpus in part.corpora for noise in part.noises
    ]
    scores: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    for seed in range(seeds):
        for corpus, noise in [*observed, *((corpus, noise) for corpus in INJECTED_INTO for noise in INJECTED)]:
            found = as_rows(measure_cell(corpus, noise, seed, load_cell(corpus, noise, seed, features_of)))
            scores, counts = scores + found[0], counts + found[1]
            say(f"{corpus} {noise} seed {seed}", error=True)
            for name, rows, table in (("scores", scores, detection_table), ("counts", counts, count_table)):
                frame = pd.DataFrame(rows)
                write_whole(out / f"{name}.parquet", frame.to_parquet(index=False))
                write_whole(out / f"{name}.md", table(frame).encode())


if __name__ == "__main__":
    typer.run(measure)
