"""From records to everything a reader may want: CSV, Parquet, Markdown, LaTeX, figures and one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.analysis.figures import Drawing, all_figures
from benchmark.analysis.files import csv_bytes, slug, write_bytes
from benchmark.analysis.formats import latex_tables, markdown_tables
from benchmark.analysis.formats.markdown import escape as _escape
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.html import Part, page
from benchmark.analysis.reproduce import Command, commands
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.summary import environment, sentences
from benchmark.analysis.tables import Table, all_tables, comparisons
from benchmark.contracts.errors import BenchmarkError, UnknownNameError, refuse_unranked
from benchmark.files.leftovers import remove_leftovers
from benchmark.records.schema import HEADLINE_RULES, Record

MOST_TABLES_SHOWN = 4
UNRANKED = ("oracle", "control")
BITS = "correct"
"""Nobody reads packed bits in a CSV file, of which they would be most; `results.parquet` has them."""


@dataclass(frozen=True)
class Report:
    """What was written where, and the short form for a terminal.

    `paths` is keyed by the files' names below `folder`; `summary` holds sentences, `main` the main tables, `tables` the
    same as Markdown.
    """

    folder: Path
    paths: dict[str, Path]
    summary: str
    tables: str
    main: tuple[Table, ...]

    def __str__(self) -> str:
        return f"{self.summary}\n\n{self.tables}" if self.tables else self.summary


def write_report(records: Iterable[Record], folder: Path, reference: str = "cross_entropy") -> Report:
    """Everything below `folder`; the same records give the same bytes, in whatever order they come.

    Raises BenchmarkError without records, UnknownNameError for a reference that no record has, NotRankedError for one
    that is an oracle or a control beside methods that are ranked.
    """
    records = list(records)
    frame = tidy(records)
    if frame.empty:
        raise BenchmarkError("There are no records to report on. Run a grid first, or name a folder that holds some.")
    if reference not in set(frame["method"]):
        raise UnknownNameError("reference method", reference, set(frame["method"]))
    if frame["ranked"].any():
        refuse_unranked(reference, *(bool(frame.loc[frame["method"] == reference, kind].any()) for kind in UNRANKED))
    separation = comparable_groups(frame)
    apart = separation.sentences()
    several = len(separation.settings) > 1
    parts, compared = [], []
    remade: list[Command] = []
    for encoder, recipe in separation.settings:
        mine = (separation.kept["encoder"] == encoder) & (separation.kept["recipe"] == recipe)
        results = ResultSet(encoder, recipe, separation.kept[mine], reference, records)
        compared += [comparisons(results, rule) for rule in HEADLINE_RULES]
        prefix = slug(f"{encoder} {recipe}") + "-" if several else ""
        parts.append(_part(results, prefix))
        remade += commands(results, prefix)
    written = {
        "results.csv": csv_bytes(frame.drop(columns=BITS)),
        "comparisons.csv": csv_bytes(pd.concat(compared, ignore_index=True)),
        "results.parquet": _parquet(frame),
        "table.md": _markdown(parts, apart).encode(),
        "table.tex": latex_tables([table for part in parts for table in part.tables]).encode(),
        "report.html": page(
            parts, apart, environment(separation.kept), "Learning with noisy labels: report", remade
        ).encode(),
    }
    written |= {command.file: command.grid.encode() for command in remade}
    written |= _figure_files([figure for part in parts for figure in part.figures])
    summary = _summary(parts, apart)
    written["summary.txt"] = f"{summary}\n".encode()
    remove_leftovers(folder, folder / "figures")
    paths = {name: write_bytes(folder / name, content) for name, content in sorted(written.items())}
    main = [table for part in parts for table in part.tables if table.section == "headline" and _is_main(table)]
    return Report(folder, paths, summary, _shown(main), tuple(main[:MOST_TABLES_SHOWN]))


def _part(results: ResultSet, prefix: str) -> Part:
    tables = tuple(replace(table, key=prefix + table.key) for table in all_tables(results))
    figures = tuple(replace(figure, key=prefix + figure.key) for figure in all_figures(results))
    return Part(results.name, sentences(results), tables, figures)


def _parquet(frame: pd.DataFrame) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _figure_files(figures: Sequence[Drawing]) -> dict[str, bytes]:
    """PNG, SVG and PDF by path below the folder; a name that is taken gets a number."""
    files: dict[str, bytes] = {}
    for figure in figures:
        name = base = slug(figure.key)
        number = 2
        while f"figures/{name}.png" in files:
            name, number = f"{base}-{number}", number + 1
        files |= {f"figures/{name}{suffix}": content for suffix, content in figure.files().items()}
    return files


def _markdown(parts: Sequence[Part], apart: Sequence[str]) -> str:
    texts = []
    for part in parts:
        texts.append(f"## {_escape(part.name)}\n\n" + "\n".join(f"- {_escape(s)}" for s in part.summary) + "\n")
        texts.append(markdown_tables(part.tables))
    if apart:
        texts.append("## Kept apart\n\n" + "\n".join(f"- {_escape(sentence)}" for sentence in apart) + "\n")
    return "\n".join(texts)


def _summary(parts: Sequence[Part], apart: Sequence[str]) -> str:
    lines = [sentence for part in parts for sentence in part.summary]
    return "\n".join([*lines, *apart])


def _shown(main: Sequence[Table]) -> str:
    shown = markdown_tables(main[:MOST_TABLES_SHOWN])
    rest = len(main) - MOST_TABLES_SHOWN
    return shown if rest <= 0 else f"{shown}\n{rest} more main tables are in table.md and report.html.\n"


def _is_main(table: Table) -> bool:
    return "main-" in table.key
