"""From records to a paper's tables: Markdown, LaTeX and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmark.analysis.comparability import Comparable
from benchmark.analysis.files import csv_bytes, slug, write_bytes
from benchmark.analysis.formats import latex_tables, markdown_tables
from benchmark.analysis.formats.markdown import escape
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.papers.cells import fine_tuned, narrowed
from benchmark.analysis.papers.claims import headline_table, sentences
from benchmark.analysis.papers.frame import paper_frame
from benchmark.analysis.papers.published import published
from benchmark.analysis.papers.published_rows import anchor_tables
from benchmark.analysis.papers.spec import Paper, load_paper
from benchmark.analysis.papers.tables import ablation_tables, main_tables
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.settings import result_sets
from benchmark.analysis.tables import Table
from benchmark.contracts.errors import BenchmarkError
from benchmark.records.schema import Record

REFERENCE = "cross_entropy"


@dataclass(frozen=True)
class PaperReport:
    """What was written where, by file name; the sentences and the tables of the
    headline check for a terminal.
    """

    paths: dict[str, Path]
    sentences: tuple[str, ...]
    headline: tuple[Table, ...]
    tables: tuple[Table, ...]


def write_paper(name: str, records: Iterable[Record], folder: Path) -> PaperReport:
    """Write a paper's tables from these records, below `folder`.

    The same records give the same bytes.

    Trials on part of the texts stay out. Fine-tuned settings come first, published
    figures beside them; every other setting has tables of its own without. Raises
    BenchmarkError without records on whole corpora, UnknownNameError for an unknown
    paper.
    """
    paper = load_paper(name)
    given = list(records)
    whole = [record for record in given if not _limited(record)]
    if not whole:
        raise BenchmarkError(
            f"None of the {len(given)} records is of whole corpora, as the tables of a paper need. "
            f"Run them: python -m benchmark run --grid paper."
        )
    separation = comparable_groups(tidy(whole))
    settings = _settings(paper, separation)
    figures = pd.concat([published(file) for file in paper.published], ignore_index=True)
    said = [*sentences(paper, settings, figures), *separation.sentences(), *_left_out(given, whole), *_epochs(whole)]
    headline = tuple(_keyed(headline_table(paper, results, figures), results) for results in settings)
    tables = _tables(paper, settings, figures, headline)
    base = f"paper-{name}"
    frame = paper_frame(paper, settings, figures)
    written = {
        f"{base}.csv": csv_bytes(frame, float_format="%.6g"),
        f"{base}.md": _markdown(paper, said, tables).encode(),
        f"{base}.tex": latex_tables(tables).encode(),
    }
    paths = {file: write_bytes(folder / file, content) for file, content in written.items()}
    return PaperReport(paths, tuple(said), headline, tuple(tables))


def _settings(paper: Paper, separation: Comparable) -> list[ResultSet]:
    """Give the settings with any record of the paper's methods on its corpora, the
    fine-tuned ones first.
    """
    corpora = [name for table in paper.tables for corpus in table.corpora for name in corpus.measured]
    found = []
    for results in result_sets(separation, REFERENCE):
        mine = replace(results, frame=results.frame[results.frame["corpus"].isin(corpora)])
        if not narrowed(mine, paper.methods).frame.empty:
            found.append(mine)
    return sorted(found, key=lambda results: (not fine_tuned(results), results.name))


def _tables(
    paper: Paper, settings: Sequence[ResultSet], figures: pd.DataFrame, headline: Sequence[Table]
) -> list[Table]:
    tables: list[Table] = []
    for results, check in zip(settings, headline, strict=True):
        own = [*main_tables(paper, results, figures), *ablation_tables(paper, results)]
        tables += [check, *(_keyed(table, results) for table in own)]
    anchors = anchor_tables(paper, settings)
    return tables + [replace(table, key=f"{table.key}-{place}") for place, table in enumerate(anchors)]


def _keyed(table: Table, results: ResultSet) -> Table:
    return replace(table, key=f"{slug(results.name)}-{table.key}")


def _limited(record: Record) -> bool:
    limits = record.config.get("limits") or {}
    return any(limit is not None for limit in limits.values()) if isinstance(limits, dict) else bool(limits)


def _left_out(given: Sequence[Record], whole: Sequence[Record]) -> list[str]:
    left = len(given) - len(whole)
    return [f"{left} of {len(given)} records are of parts of a corpus and stay out."] if left else []


def _epochs(records: Sequence[Record]) -> list[str]:
    """Say how long each setting trained; one with several lengths is named with all."""
    found: dict[str, set[int]] = {}
    for record in records:
        epochs = record.config.get("recipe", {}).get("epochs")
        if epochs is not None:
            found.setdefault(f"{record.encoder} ({record.recipe})", set()).add(int(epochs))
    if not found:
        return []
    words = "; ".join(f"{name} {', '.join(map(str, sorted(epochs)))}" for name, epochs in sorted(found.items()))
    return [f"Epochs: {words}."]


def _markdown(paper: Paper, said: Sequence[str], tables: Sequence[Table]) -> str:
    words = "\n".join(f"- {escape(sentence)}" for sentence in said)
    return f"# {escape(paper.title)}: measured beside published\n\n{words}\n\n{markdown_tables(tables)}"
