"""From records to everything a reader may want: CSV, Parquet, Markdown, LaTeX, figures
and one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.analysis.comparability import Comparable
from benchmark.analysis.figures import Drawing
from benchmark.analysis.figures.beside import figures_beside
from benchmark.analysis.files import PAGE_FILE, csv_bytes, metric_files, refuse_other_metric, slug, write_bytes
from benchmark.analysis.formats import latex_tables, markdown_tables
from benchmark.analysis.frame import comparable_groups, refuse_unmeasured, tidy
from benchmark.analysis.html import page
from benchmark.analysis.layout.grid import label
from benchmark.analysis.legend import legend
from benchmark.analysis.overview import overview, section_files, terminal_tables
from benchmark.analysis.page import front
from benchmark.analysis.page.heading import heading
from benchmark.analysis.part import Part
from benchmark.analysis.points import Details
from benchmark.analysis.reproduce import commands
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.settings import result_sets
from benchmark.analysis.summary import environment, sentences
from benchmark.analysis.tables import Table, all_tables, comparisons
from benchmark.analysis.tables.across import method_order
from benchmark.analysis.verdict import next_steps, opening, recommendations, verdict_data
from benchmark.contracts.errors import BenchmarkError, UnknownNameError, refuse_unranked
from benchmark.files.leftovers import remove_leftovers
from benchmark.records.machine import collector_paused
from benchmark.records.metric_specs import DEFAULT_METRIC, MetricSpec, metric_named
from benchmark.records.schema import HEADLINE_RULES, Record

MOST_TABLES_SHOWN, MOST_ROWS_SHOWN = 4, 12
UNRANKED = ("oracle", "control")
BITS = ("correct", "checked")
"""Nobody reads packed bits in a CSV file, of which they would be most;
`results.parquet` has them.
"""


@dataclass(frozen=True)
class Report:
    """What was written where, and the short form for a terminal.

    `paths` is keyed by the files' names below `folder`; `opening` says the verdict and
    `summary` the rest in sentences. `main` holds the main tables, `tables` the same as
    Markdown, and `verdict` what `verdict_data` gives of each encoder and recipe.
    """

    folder: Path
    paths: dict[str, Path]
    opening: str
    summary: str
    tables: str
    main: tuple[Table, ...]
    verdict: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        said = f"{self.opening}\n{self.summary}"
        return f"{said}\n\n{self.tables}" if self.tables else said


@dataclass(frozen=True)
class Contents:
    """What a report is made of before anything is drawn or written."""

    frame: pd.DataFrame
    separation: Comparable
    settings: tuple[tuple[ResultSet, str], ...]
    """The results of each encoder and recipe, with the prefix of their tables' keys."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The settings with their tables, without figures."""
        return tuple(_part(results, prefix) for results, prefix in self.settings)


def write_report(
    records: Iterable[Record],
    folder: Path,
    reference: str = "cross_entropy",
    processes: int = 1,
    metric: str = DEFAULT_METRIC,
) -> Report:
    """Write everything below `folder`; the same records give the same bytes, in
    whatever order they come.

    Figures are drawn in so many `processes`, which are forks of this one.

    Raises BenchmarkError without records, where none has the metric and where the
    folder holds a report by another metric, UnknownNameError
    for a metric that is unknown and for a reference that no record has, NotRankedError
    for one that is an oracle or a control beside methods that are ranked.
    """
    refuse_other_metric(folder, metric_named(metric))
    contents = _contents(records, reference, metric_named(metric))
    apart = contents.separation.sentences()
    with figures_beside([results for results, _ in contents.settings], processes) as drawn:
        # The data first: their texts take memory for a moment, before the tables keep theirs.
        data, tabled = _data_files(contents), contents.parts
        parts = [replace(part, figures=_keyed(part.prefix, found)) for part, found in zip(tabled, drawn(), strict=True)]
    remade = [command for results, prefix in contents.settings for command in commands(results, prefix)]
    opened = "\n".join(_opened(parts))
    summary = "\n".join([*(sentence for part in parts for sentence in part.summary), *apart])
    surroundings = environment(contents.separation.kept)
    written = {
        **data,
        "table.md": overview(parts, apart).encode(),
        "table.tex": latex_tables(_titled(parts, lambda part: part.tables), parts[0].legend).encode(),
        PAGE_FILE: page(parts, apart, surroundings, heading(contents.separation.kept), remade).encode(),
        "summary.txt": f"{opened}\n{summary}\n".encode(),
    }
    written |= metric_files(metric_named(metric))
    written |= {path: text.encode() for path, text in section_files(parts).items()}
    written |= {command.file: command.grid.encode() for command in remade}
    written |= _figure_files([figure for part in parts for figure in part.figures])
    remove_leftovers(folder, folder / "figures", folder / "tables")
    paths = {name: write_bytes(folder / name, content) for name, content in sorted(written.items())}
    main = _titled(parts, lambda part: terminal_tables(part, MOST_ROWS_SHOWN))
    verdict = tuple(verdict_data(results, prefix) for results, prefix in contents.settings)
    return Report(folder, paths, opened, summary, _shown(main), tuple(main[:MOST_TABLES_SHOWN]), verdict)


def table_text(records: Iterable[Record], reference: str = "cross_entropy", metric: str = DEFAULT_METRIC) -> str:
    """Write the text of `table.md` alone, which draws no figure.

    It raises what `write_report` raises.
    """
    contents = _contents(records, reference, metric_named(metric))
    return overview(contents.parts, contents.separation.sentences())


def _contents(records: Iterable[Record], reference: str, metric: MetricSpec) -> Contents:
    details = Details()
    with collector_paused():
        frame = tidy(details.passing(records))
    if frame.empty:
        raise BenchmarkError("There are no records to report on. Run a grid first, or name a folder that holds some.")
    if reference not in set(frame["method"]):
        raise UnknownNameError("reference method", reference, set(frame["method"]))
    if frame["ranked"].any():
        refuse_unranked(reference, *(bool(frame.loc[frame["method"] == reference, kind].any()) for kind in UNRANKED))
    refuse_unmeasured(frame, metric)
    separation = comparable_groups(frame)
    several = len(separation.settings) > 1
    settings = [
        (results, slug(f"{results.encoder} {results.recipe}") + "-" if several else "")
        for results in result_sets(separation, reference, details.found, metric)
    ]
    return Contents(frame, separation, tuple(settings))


def _part(results: ResultSet, prefix: str) -> Part:
    tables = tuple(replace(table, key=prefix + table.key) for table in all_tables(results))
    first = [results.reference, *method_order(results, HEADLINE_RULES[0])]
    order = dict.fromkeys([*first, *results.ranked, *results.methods.index])
    labels = tuple(label(name, results.methods.loc[name]) for name in order if name in results.methods.index)
    return Part(
        name=results.name,
        summary=sentences(results),
        tables=tables,
        legend=legend(results),
        order=labels,
        prefix=prefix,
        metric=results.metric.title,
        opening=opening(results),
        recommendations=recommendations(results),
        next_steps=next_steps(results, prefix),
        front=front(results, tables, prefix),
    )


def _opened(parts: Sequence[Part]) -> list[str]:
    """Give the verdict of each encoder and recipe and what would settle what it leaves
    open.

    Encoder and recipe are named where there are several.
    """
    said = [(part.name, sentence) for part in parts for sentence in (*part.opening, *part.next_steps)]
    return [sentence if len(parts) == 1 else f"{name}: {sentence}" for name, sentence in said]


def _titled(parts: Sequence[Part], chosen: Callable[[Part], Iterable[Table]]) -> list[Table]:
    """Give tables that stand without their part's heading: their titles name encoder
    and recipe where there are several.
    """
    tables = [(part.name, table) for part in parts for table in chosen(part)]
    return [table if len(parts) == 1 else replace(table, title=f"{table.title}, {name}") for name, table in tables]


def _keyed(prefix: str, figures: Iterable[Drawing]) -> tuple[Drawing, ...]:
    return tuple(replace(figure, key=prefix + figure.key) for figure in figures)


def _data_files(contents: Contents) -> dict[str, bytes]:
    compared = [comparisons(results, rule) for results, _ in contents.settings for rule in HEADLINE_RULES]
    return {
        "results.csv": csv_bytes(contents.frame.drop(columns=list(BITS), errors="ignore")),
        "comparisons.csv": csv_bytes(pd.concat(compared, ignore_index=True)),
        "results.parquet": _parquet(contents.frame),
    }


def _parquet(frame: pd.DataFrame) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    del sink
    pa.default_memory_pool().release_unused()
    return content


def _figure_files(figures: Sequence[Drawing]) -> dict[str, bytes]:
    """Give PNG, SVG and PDF by path below the folder; a name that is taken gets a
    number.
    """
    files: dict[str, bytes] = {}
    for figure in figures:
        name = base = slug(figure.key)
        number = 2
        while f"figures/{name}.png" in files:
            name, number = f"{base}-{number}", number + 1
        files |= {f"figures/{name}{suffix}": content for suffix, content in figure.files().items()}
    return files


def _shown(main: Sequence[Table]) -> str:
    shown = markdown_tables(main[:MOST_TABLES_SHOWN])
    rest = len(main) - MOST_TABLES_SHOWN
    return shown if rest <= 0 else f"{shown}\n{rest} more are in table.md and report.html.\n"
