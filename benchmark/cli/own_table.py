"""What `data show` says of a user's own table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from benchmark.cli.output import printable, say_json, tell
from benchmark.contracts import BenchmarkError

if TYPE_CHECKING:
    from benchmark.corpora.own_tables.description import Description, SplitDescription
    from benchmark.corpora.own_tables.examination import Examination
    from benchmark.experiment.options import RunOptions

ENCODER = "frozen:minilm"
"""The encoder by whose tokens texts are cut here."""

MOST_CLASSES = 30
MOST_COLUMNS = 100
EXAMPLE_LENGTH = 80
INDENT = "  "
NAME_THEM = "Name those of texts and labels: --text-column NAME --label-column NAME (or numbers, from 0)."


def show_own_table(paths: Sequence[Path], given: RunOptions, as_json: bool) -> None:
    """Print what a table of one or several files holds, what is wrong with it and what
    a run would do.
    """
    from benchmark.corpora.own import TEST_SHARE, examine
    from benchmark.corpora.own_tables.bad_rows import named_bad_rows
    from benchmark.corpora.own_tables.description import describe
    from benchmark.experiment.own_tables import own_data_of

    if not given.get("text_columns") or not (given.get("label_column") or given.get("clean_column")):
        for path in paths:
            _show_columns(path, given)
        tell(NAME_THEM)
        return
    own = own_data_of({**given, "data": paths}, (ENCODER,))
    assert own is not None
    found = examine(own)
    made = describe(found, TEST_SHARE)
    bad, refused = list(named_bad_rows(found)), list(_refusals(found, made))
    if as_json:
        say_json({**dataclasses.asdict(made), "bad_rows": bad, "refused": refused}, indent=1)
        return
    for mark, text in _lines(made):
        tell(text, mark=mark)
    if bad and not own.skip_bad_rows:
        tell("A run refuses these rows; --skip-bad-rows goes on without them.")
    for why in refused:
        tell(f"A run refuses this table: {why}")


def _refusals(found: Examination, made: Description) -> Iterator[str]:
    """Why a run refuses a table, whatever is done about its rows."""
    from benchmark.corpora.own_tables.label_sets import refuse_label_sets_that_do_not_fit

    train = made.splits[0].texts
    if not train:
        yield f"no row of {', '.join(made.splits[0].files)} is left."
        return
    try:
        refuse_label_sets_that_do_not_fit(found)
    except BenchmarkError as error:
        yield str(error)
    if made.carved and made.test_rows in (0, train):
        yield (
            f"of {train} texts a hash chooses {made.test_rows} for test. Give more rows, or test rows by --test-data."
        )


def refuse_unnamed_columns(path: Path, given: Mapping[str, Any]) -> NoReturn:
    """Raise a BenchmarkError that lists the columns of a table, as the user has not
    said which hold texts and labels.
    """
    *_, columns = _columns(path, given)
    raise BenchmarkError(f"{columns}. {NAME_THEM}")


def _show_columns(path: Path, given: RunOptions) -> None:
    """Show the columns of a table of which the user has not said what they are."""
    for sentence in _columns(path, given):
        tell(sentence)


def _columns(path: Path, given: Mapping[str, Any]) -> Iterator[str]:
    """Say how a table is read, and last of all which columns it has."""
    from benchmark.corpora.tables.columns import header_of
    from benchmark.corpora.tables.sniffing import sniff

    found = sniff(path, (), given.get("separator"), given.get("encoding"))
    yield from found.remarks
    names = [" ".join(name.split()) or "(unnamed)" for name in header_of(path, found.layout)]
    more = f", … ({len(names)} in all)" if len(names) > MOST_COLUMNS else ""
    yield f"{path.name} has the columns: {', '.join(names[:MOST_COLUMNS])}{more}"


def _lines(made: Description) -> Iterator[tuple[str, str]]:
    """Write sentences, each with what stands before it."""
    for split in made.splits:
        yield from _split_lines(split)
    if made.carved:
        yield "", f"test: {made.test_rows} rows of train, by a hash of their texts"
    yield "", "What is to be known, and what will be done:"
    yield from (("- ", remark) for remark in made.remarks or ("Nothing: every row is used as it is.",))


def _named(label: str) -> str:
    """Write a class, in quotes where it could be taken for a number of rows."""
    name = printable(label, EXAMPLE_LENGTH)
    return f"'{name}'" if name[-1:].isdecimal() and " " not in name else name


def _split_lines(made: SplitDescription) -> Iterator[tuple[str, str]]:
    used = "all used" if made.used == made.rows else f"{made.used} used"
    texts = f", of {made.texts} texts" if made.texts != made.used else ""
    yield "", f"{made.split} ({', '.join(made.files)}): {made.rows} rows, {used}{texts}"
    shown = [f"{_named(it.name)} {it.rows} ({it.share:.1%})" for it in made.classes[:MOST_CLASSES]]
    more = f", … ({len(made.classes)} classes in all)" if len(made.classes) > MOST_CLASSES else ""
    yield INDENT, f"classes: {', '.join(shown) or 'none'}{more}"
    if made.unlabelled:
        yield INDENT, f"no label: {made.unlabelled} rows"
    if made.checked:
        yield INDENT, f"checked: {made.checked} rows"
    example = f", as in '{printable(made.example, EXAMPLE_LENGTH)}'" if made.example else ""
    yield INDENT, f"texts: {made.repeated} rows repeat one; {made.contradicting} have different labels{example}"
    yield INDENT, f"words: {made.median_words} in the median text, {made.most_words} in the longest"
    scripts = [f"{name} {share:.0%}" for name, share in made.scripts.items() if share >= 0.005]
    yield INDENT, f"letters: {', '.join(scripts) or 'none'}"
