"""A user's own tables without a card: checked row by row, then described by a card made
for them.
"""

from __future__ import annotations

from typing import Any, cast, get_args

from benchmark.corpora.card import Card, Observed, Source, SplitName
from benchmark.corpora.catalogue import add_card, is_own, load_card
from benchmark.corpora.files import give
from benchmark.corpora.own_tables.bad_rows import find_bad_labels, find_classes_seen_once, refuse_bad_rows
from benchmark.corpora.own_tables.examination import Examination, read_whole
from benchmark.corpora.own_tables.label_sets import refuse_label_sets_that_do_not_fit
from benchmark.corpora.own_tables.own_data import OwnData
from benchmark.corpora.own_tables.remarks import remarks_on
from benchmark.corpora.own_tables.separation import separate_splits
from benchmark.corpora.tables.decoding import ENCODING
from benchmark.corpora.tables.layout import Layout
from benchmark.corpora.tables.schema import TEXT_SEPARATOR

__all__ = ["SOURCE", "OwnData", "add_own_data", "examine", "examine_alone", "has_header", "own_remarks"]

SOURCE = "given"
"""What the user's own labels are called as observed noise: `observed(given)`."""

TEST_SHARE = 0.2
PLAIN_FORMATS = ("csv", "tsv", "jsonl", "parquet")


def add_own_data(own: OwnData) -> str:
    """Check the files and add a card for them to this process; gives the corpus's name.

    Raises BenchmarkError for a file or column that is not there, for rows that cannot
    be used, each with its number, and for labels of which one class is known.
    """
    found = examine(own)
    refuse_bad_rows(found)
    refuse_label_sets_that_do_not_fit(found)
    add_card(_card(found))
    return own.name


def examine(own: OwnData) -> Examination:
    """Read the files and find rows that cannot be used and texts of several splits.

    Nothing is refused for them.
    """
    found = read_whole(own)
    find_bad_labels(found)
    separate_splits(found)
    find_classes_seen_once(found)
    return found


def examine_alone(own: OwnData) -> Examination:
    """Read the tables whole, as no run splits them; rows that cannot be used are
    refused or left out. Classes seen once may stay, and test rows may lack a label.
    """
    found = read_whole(own)
    find_bad_labels(found, scored=False)
    refuse_bad_rows(found)
    return found


def own_remarks(name: str) -> tuple[str, ...]:
    """What the user should know of their own data before it is used, a sentence each.

    A corpus of the project has none.
    """
    return load_card(name).defects if is_own(name) else ()


def has_header(name: str) -> bool:
    """Whether the first row of the training table of one's own was taken for names."""
    table = load_card(name).sources[0].options["splits"]["train"]
    layout = table["files"][0].get("layout", {}) if "files" in table else {}
    return bool(layout.get("header", True))


def _card(found: Examination) -> Card:
    own = found.own
    files = [give(name, path) for name, path in found.paths.items()]
    no_clean = [split for split in found.tables if not found.has_clean_labels(split)]
    if found.carved and "train" in no_clean:
        no_clean.append("test")
    observed = {}
    if found.tables["train"].labels:
        votes = found.tables["train"].votes
        columns = ", ".join(f"'{name}'" for name in own.label_columns)
        observed[SOURCE] = Observed(
            reads="votes" if votes else "given",
            ties="hash_of_id" if votes else "none",
            description=f"Labels of column {columns}.",
        )
    plain = _is_plain(found)
    return Card(
        name=own.name,
        title=own.data.name,
        licence="the user's own",
        citation="",
        homepage="",
        language="und",
        label_names=found.names(),
        default_max_tokens=own.max_tokens,
        description=f"Rows of {', '.join(path.name for path in found.paths.values())}.",
        defects=tuple(remarks_on(found, TEST_SHARE)),
        sources=(
            Source(
                name="own",
                reader="table" if plain else "own_table",
                options=_plain_options(found) if plain else _options(found),
                files=tuple(files),
            ),
        ),
        observed=observed,
        no_clean=cast(tuple[SplitName, ...], tuple(split for split in get_args(SplitName) if split in no_clean)),
    )


def _is_plain(found: Examination) -> bool:
    """Whether the reader of cards reads the files in the same way, so that ids of
    trials on them stay what they always were.
    """
    if found.kinds.spellings or set(found.kinds.absent) != {""} or found.shared:
        return False
    for split, table in found.tables.items():
        it, layout = found.gathered[split], table.files[0].layout
        simple = layout == Layout(format=layout.format, encoding=ENCODING) and layout.format in PLAIN_FORMATS
        one = len(table.files) == 1 and len(table.labels) <= 1 and table.annotator is None and not table.label_files
        if not (simple and one) or table.left_out or it.headers or it.sparse:
            return False
    return True


def _plain_options(found: Examination) -> dict[str, Any]:
    splits = {}
    for split, table in found.tables.items():
        checked = {"unchecked": ("",)} if table.clean is not None and not found.has_clean_labels(split) else {}
        splits[split] = {
            "file": split,
            "text": table.text,
            "label": table.clean,
            "observed": {SOURCE: table.labels[0]} if table.labels else {},
            "format": table.files[0].layout.format,
            "encoding": ENCODING,
            "separator": TEXT_SEPARATOR,
            "absent": ("",),
            **checked,
        }
    return {"splits": splits} | _split_options(found)


def _options(found: Examination) -> dict[str, Any]:
    splits = {split: table.model_dump(mode="json", exclude_defaults=True) for split, table in found.tables.items()}
    options: dict[str, Any] = {"splits": splits, "source": SOURCE, "spellings": dict(found.kinds.spellings)}
    options |= {"absent": found.kinds.absent, "shared": found.shared}
    return options | _split_options(found)


def _split_options(found: Examination) -> dict[str, Any]:
    options: dict[str, Any] = {"test_share": TEST_SHARE} if found.carved else {}
    return options | ({"partly_checked": True} if found.is_partly_checked else {})
