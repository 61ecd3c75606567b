"""`explain`: everything about one method, noise, corpus or trial."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from benchmark.analysis.layout.paragraphs import paragraphs
from benchmark.cli import data, options
from benchmark.cli.describing import Row, described, expected, method_row, noise_row
from benchmark.cli.output import say, say_bold, say_json, tell
from benchmark.cli.sources import records_of

if TYPE_CHECKING:
    from benchmark.records.schema import Record

HEXADECIMAL = re.compile(r"[0-9a-f]*")
MOST_IDS = 8
CONTRACT = "contract"
DEMO = Path("results/runs/demo")


def explain(
    what: Annotated[
        str, typer.Argument(help="A method, noise or corpus, a trial's id or its first digits, or `contract`.")
    ],
    sources: Annotated[
        list[Path] | None,
        typer.Option("--from", help=f"Run folder or archive of the trial (default: {DEMO}). May be repeated."),
    ] = None,
    plugin: options.Plugins = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print the citations, each once.")] = False,
) -> None:
    """Show what a method, noise, corpus or trial is, and how to rerun a trial.

    `explain contract` shows all that a method of one's own is handed and may yield.
    Of a trial with several results all are shown.
    """
    from benchmark.cli.citations import bibliography

    options.load_plugins(plugin)
    row = _named(what)
    if row is None and what == CONTRACT:
        _show_contract(as_json, bibtex)
        return
    results = _results(what, sources or [DEMO]) if row is None else []
    if bibtex:
        rows = [row] if row is not None else _parts(results[0].record)
        say(bibliography(part["citation"] for part in rows if part))
    elif as_json:
        contents = [row] if row is not None else [result.record.model_dump(mode="json") for result in results]
        say_json(contents[0] if len(contents) == 1 else contents, indent=1)
    elif row is not None:
        _show_named(what, row)
    else:
        _show_results(results)


def _show_contract(as_json: bool, bibtex: bool) -> None:
    """Show all that a method meets, from the source of the contract."""
    from benchmark.cli import contract_page
    from benchmark.contracts.errors import BenchmarkError

    if bibtex:
        raise BenchmarkError("The contract carries no citations. Leave out --bibtex.")
    if as_json:
        say_json(contract_page.as_data(), indent=1)
        return
    for number, section in enumerate(contract_page.sections()):
        say_bold(f"{chr(10) if number else ''}{section.title}")
        for line in contract_page.lines(section):
            tell(line)


def _show_named(text: str, row: Row) -> None:
    if row["kind"] == "corpus":
        data.show_statement(row["name"])
        return
    say_bold(f"{text}: a {row['kind']}")
    for line in (*described(row, flowing=True), *expected(row)):
        tell(line)


def _parts(record: Record) -> list[Row | None]:
    """Give the method, noise and corpus of a trial as they are now.

    Parameters are left out, since they may be gone.
    """
    return [_named(_bare(text)) for text in (record.method, record.noise, record.corpus)]


def _bare(text: str) -> str:
    return re.split(r"[\[(]", text, maxsplit=1)[0].strip()


def _named(text: str) -> Row | None:
    """Give what registries and cards say of a method, noise or corpus, else None.

    The name may come with parameters.
    """
    from benchmark.contracts import method_from, methods, noise_from, noises
    from benchmark.corpora import corpus_names, load_card

    name = _bare(text)
    if name in methods:
        return {"kind": "method", **method_row(method_from(text))}
    if name in noises:
        if name != text.strip():
            noise_from(text)
        return {"kind": "noise", **noise_row(noises[name])}
    return {"kind": "corpus", **load_card(name).model_dump(mode="json")} if name in corpus_names() else None


class Result(NamedTuple):
    """A record of a trial, and the first source that holds it."""

    record: Record
    source: Path


def _results(trial: str, sources: Sequence[Path]) -> list[Result]:
    """Give the results of the one trial whose id begins with `trial`.

    Sources may differ in the result of a trial, and one archive may hold several.
    """
    from benchmark.contracts.errors import BenchmarkError, UnknownNameError, nearest

    known = _known()
    if not HEXADECIMAL.fullmatch(trial):
        raise UnknownNameError("method, noise or corpus", _bare(trial), known, _ids(sources))
    every = [Result(record, source) for source in sources for record in records_of(source)]
    found = [result for result in every if result.record.trial.startswith(trial)]
    ids = {result.record.trial for result in found}
    if len(ids) != 1:
        near = ", ".join(sorted(ids or {result.record.trial for result in every})[:MOST_IDS]) or "none"
        names = nearest(trial, known) if trial else []
        guess = f" Did you mean '{names[0]}'?" if names else ""
        places = ", ".join(f"'{source}'" for source in sources)
        raise BenchmarkError(
            f"{len(ids)} trials in {places} have an id that begins with '{trial}', and no method, noise or corpus "
            f"is called so.{guess} There: {near}."
        )
    return [one for place, one in enumerate(found) if one.record not in [other.record for other in found[:place]]]


def _known() -> list[str]:
    """Give all names that can be explained."""
    from benchmark.contracts import methods, noises
    from benchmark.corpora import corpus_names

    return [*methods, *noises, *corpus_names(), CONTRACT]


def _ids(sources: Sequence[Path]) -> str:
    """Say what a trial's id looks like, with some of those that the sources hold."""
    from benchmark.contracts.errors import BenchmarkError

    ids: list[str] = []
    with contextlib.suppress(BenchmarkError):
        there = [source for source in sources if source.exists()]
        ids = sorted({record.trial for record in records_of(*there)})[:MOST_IDS]
    return "A trial's id is hexadecimal" + (f", as in {', '.join(ids)}." if ids else ".")


def _show_results(results: Sequence[Result]) -> None:
    """Show a trial; where it has several results, each of them with its source."""
    if len(results) == 1:
        _show(*results[0])
        return
    tell(f"Trial {results[0].record.trial} has {len(results)} different results:")
    for number, (record, source) in enumerate(results, 1):
        tell(f"  {number}: {record.status}, made {record.provenance.created}, in {source}")
    for number, (record, source) in enumerate(results, 1):
        say_bold(f"\nResult {number} of {len(results)}, in {source}")
        _show(record, source)


def _show(record: Record, source: Path) -> None:
    from benchmark.analysis.site.explained import PARTS, part_lines, rerun_command

    _head(record)
    content = record.model_dump(mode="json")
    for part in PARTS:
        if content.get(part):
            say_bold(f"\n{part}")
            for line, flows in part_lines(content, part):
                (tell if flows else say)(line)
    say_bold("\nseeds")
    tell(f"  seed {record.seed}: every stream is sha256 of its names and this number")
    say_bold("\nrun just this one")
    say(f"  {rerun_command(record, source)}")


def _head(record: Record) -> None:
    say_bold(f"{record.method} on {record.corpus} under {record.noise}: {record.status}")
    row = _named(_bare(record.method))
    for line in (*paragraphs(row["docstring"]), *(f"  departs: {why}" for why in row["departures"])) if row else ():
        tell(line)
