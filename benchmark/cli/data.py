"""`data`: the corpora, their data statements, their files, and whether their cards are
right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.output import printable, say, say_json, tell
from benchmark.experiment.options import DESCRIPTIONS, RunOptions

if TYPE_CHECKING:
    from benchmark.corpora import Availability, Card, Corpus
    from benchmark.corpora.loading import Built

app = typer.Typer(help="Corpora: list them, show their data statements, fetch and verify them.", no_args_is_help=True)

EXAMPLES_SHOWN = 3
EXAMPLE_LENGTH = 300

OK, DIFFERS, NOT_RECOUNTED, NOT_AT_HAND = "As stated", "Differ", "Not recounted", "Not at hand"
NOT_COUNTED = "Without counts"

Names = Annotated[list[str] | None, typer.Argument(help="Names of corpora; all by default.", show_default=False)]


@app.command("list")
def list_corpora(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the corpora, and whether each is at hand."""
    from rich.markup import escape
    from rich.table import Table

    from benchmark.cli.terminal import make_console

    rows = list(_overview())
    if as_json:
        say_json(rows, indent=2)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("name", "classes", "train", "valid", "test", "noise on train", "at hand"):
        numeric, wordy = name in ("classes", "train", "valid", "test"), name == "noise on train"
        table.add_column(name, justify="right" if numeric else "left", no_wrap=not wordy, overflow="fold")
    for row in rows:
        noise = ", ".join(f"{name} {rate:.1%}" for name, rate in row["noise"].items())
        sizes = [str(row["rows"].get(split, "-")) for split in ("train", "valid", "test")]
        cells = (row["name"], str(row["classes"]), *sizes, noise or "-", row["at_hand"] or "no")
        table.add_row(*map(escape, cells))
    make_console().print(table)
    tell("Titles: list corpora. All that is known of one: data show NAME")


@app.command()
@options.takes(*DESCRIPTIONS)
def show(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="A corpus, or a table of your own, of one file or several.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, of a table of your own.")] = False,
    **given: Unpack[RunOptions],
) -> None:
    """Show the data statement of a corpus, with examples where it is at hand; of a
    table of your own, what it holds and what a run would do about it.

    `python -m benchmark data show mine.csv --text-column text --label-column label`
    """
    from benchmark.corpora import corpus_names

    if names[0] not in corpus_names() and (Path(names[0]).suffix or any(given.values())):
        from benchmark.cli.own_table import show_own_table

        show_own_table(list(map(Path, names)), given, as_json)
    else:
        for name in names:
            show_statement(name)


def show_statement(name: str) -> None:
    """Print the data statement of a corpus, with examples where it is at hand."""
    from benchmark.corpora import availability, card_digest, load_card, load_corpus

    card = load_card(name)
    for line in _statement(card, card_digest(name)):
        tell(line)
    at_hand = availability(name)
    say()
    if at_hand.at_hand:
        say(f"Examples (source '{at_hand.source}'):")
        for line in _examples(load_corpus(name)):
            tell(line)
    else:
        _print_missing(at_hand)


@app.command()
def fetch(names: Names = None) -> None:
    """Download what is not at hand into the cache, each file checked by its hash."""
    from benchmark.contracts import BenchmarkError
    from benchmark.corpora import corpus_names, load_card
    from benchmark.corpora.loading import fetch as fetch_card

    failures: list[str] = []
    for card in [load_card(name) for name in names or corpus_names()]:
        try:
            source, paths = fetch_card(card)
        except BenchmarkError as error:
            failures.append(f"{card.name}: {error}")
            continue
        say(f"{card.name}: source '{source.name}'" + ("" if paths else ", read from installed packages"))
        for file, path in paths.items():
            say(f"  {file}: {path}")
    if failures:
        raise BenchmarkError("\n".join(failures))


@app.command()
def verify(names: Names = None) -> None:
    """Count again all that the cards say.

    Exit code 1 if anything differs, or a named corpus is not at hand. For a new card
    without counts the lines are printed that state them.
    """
    from benchmark.corpora import availability, corpus_names, load_card

    cards = [load_card(name) for name in names or corpus_names()]
    outcomes = {card.name: _verify(card, availability(card.name)) for card in cards}
    say(f"{list(outcomes.values()).count(OK)} of {len(cards)} corpora are as their cards say.")
    for outcome in (NOT_RECOUNTED, NOT_COUNTED, NOT_AT_HAND, DIFFERS):
        if having := [name for name, found in outcomes.items() if found == outcome]:
            tell(f"{outcome}: {', '.join(having)}")
    if {DIFFERS, NOT_COUNTED} & set(outcomes.values()) or (names and NOT_AT_HAND in outcomes.values()):
        raise typer.Exit(1)


def _verify(card: Card, at_hand: Availability) -> str:
    from benchmark.contracts import BenchmarkError
    from benchmark.corpora.loading import build
    from benchmark.corpora.recount import checks, not_comparable

    if not at_hand.at_hand:
        _print_missing(at_hand)
        return DIFFERS if any(file.wrong for file in at_hand.missing) else NOT_AT_HAND
    try:
        built = build(card)
    except BenchmarkError as error:
        tell(f"{card.name}: {error}")
        return DIFFERS
    if not card.counts:
        _say_counts(card, built)
        return NOT_COUNTED
    if why := not_comparable(card, built):
        tell(f"{card.name}: not recounted, {why}")
        return NOT_RECOUNTED
    say(f"{card.name}: source '{built.source.name}'")
    results = list(checks(card, built))
    for check in results:
        stated = "" if check.ok else f"the card says {_value(check.stated)}, found "
        tell(f"  {'ok     ' if check.ok else 'differs'}  {check.line}: {stated}{_value(check.found)}")
    return OK if all(check.ok for check in results) else DIFFERS


def _say_counts(card: Card, built: Built) -> None:
    from benchmark.corpora.statement import counted_lines

    tell(f"{card.name}: the card states no counts. Put these lines into it, and verify it again:")
    for line in counted_lines(card, built):
        say(line)
    say()


def _value(value: Any) -> str:
    return f"{value.rate:.2%} wrong of {value.covered} labelled" if hasattr(value, "covered") else str(value)


def _overview() -> Iterator[dict[str, Any]]:
    from benchmark.corpora import availability, card_digest, corpus_names, load_card

    for name in corpus_names():
        card = load_card(name)
        rates = {source: seen.measured.get("train") for source, seen in card.observed.items()}
        yield {
            "name": name,
            "title": card.title,
            "classes": len(card.label_names),
            "rows": {split: counts.rows for split, counts in card.counts.items()},
            "noise": {source: measured.rate for source, measured in rates.items() if measured is not None},
            "at_hand": availability(name).source,
            "language": card.language,
            "licence": card.licence,
            "digest": card_digest(name),
        }


def _statement(card: Card, digest: str) -> Iterator[str]:
    yield f"{card.name}: {card.title}"
    yield card.description
    yield ""
    yield f"Licence:   {card.licence}"
    yield f"Homepage:  {card.homepage}"
    yield f"Language:  {card.language}; texts are cut to {card.default_max_tokens} tokens by default"
    yield f"Digest:    {digest}"
    for source in card.sources:
        yield f"Source '{source.name}' (reader {source.reader}): {source.note}"
        yield from (f"  {file.name}  sha256 {file.sha256}  {file.url or 'no public address'}" for file in source.files)
        yield from (f"  {package} {version}" for package, version in source.environment.items())
    yield f"Counts (source '{card.measured_on}'):"
    for split, counts in card.counts.items():
        dropped = "".join(f"; {rows} dropped by {step}" for step, rows in counts.dropped.items())
        yield (
            f"  {split}: {counts.rows} rows, {counts.duplicates} repeat a text, "
            f"{counts.conflicting} texts have several labels{dropped}"
        )
        classes = zip(card.label_names, counts.per_class, strict=True)
        yield "    " + ", ".join(f"{label} {rows} ({rows / max(counts.rows, 1):.1%})" for label, rows in classes)
    yield "Overlaps: " + (
        ", ".join(f"{rows} texts of {pair}" for pair, rows in card.overlaps.items() if rows) or "none"
    )
    yield "Cleaning: " + ("; ".join(f"{split}: {', '.join(steps)}" for split, steps in card.cleaning.items()) or "none")
    yield from _noise_lines(card)
    yield "Known defects:"
    yield from (f"  - {defect}" for defect in card.defects)
    yield "Citation:"
    yield card.citation.strip() or "  none"


def _noise_lines(card: Card) -> Iterator[str]:
    for name, seen in card.observed.items():
        yield f"Observed noise '{name}' (draws: {seen.ties}; rows without a label are dropped): {seen.description}"
        for split, measured in seen.measured.items():
            share = f"; {seen.by_share[split]:.2%} if draws count by share" if split in seen.by_share else ""
            yield f"  {split}: {measured.rate:.2%} wrong of {measured.covered} labelled rows{share}"
            by_class = seen.by_class.get(split, {})
            yield "    by class: " + ", ".join(f"{label} {rate:.1%}" for label, rate in by_class.items())
        for choice, by_split in seen.choices.items():
            rates = ", ".join(f"{split} {found.rate:.2%} of {found.covered}" for split, found in by_split.items())
            yield f"  observed({name},{choice}): {rates}"


def _examples(corpus: Corpus) -> Iterator[str]:
    from benchmark.corpora import limit_corpus

    split = limit_corpus(corpus, {"train": EXAMPLES_SHOWN}).splits["train"]
    for row, text in enumerate(split.texts):
        noisy = "".join(
            f", {name}: {corpus.label_names[labels[row]] if labels[row] >= 0 else 'no label'}"
            for name, labels in split.observed.items()
        )
        yield f"  [{corpus.label_names[split.clean_labels[row]]}{noisy}] {printable(text, EXAMPLE_LENGTH)}"


def _print_missing(at_hand: Availability) -> None:
    from benchmark.corpora.files import WHERE_TO_PUT

    say(f"{at_hand.name}: not at hand")
    for package in at_hand.packages:
        tell(f"  package {package} is not installed")
    for file in at_hand.missing:
        tell(f"  {file}")
    if any(file.url is None for file in at_hand.missing):
        tell(WHERE_TO_PUT)
