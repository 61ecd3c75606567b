"""`audit`: which labels of a table are wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli import options
from benchmark.cli.output import say, tell
from benchmark.cli.time_left import TimeLeft

SECONDS_BETWEEN_LINES = 10.0

HOW_WRITTEN = (
    *("annotator_column", "label_data", "id_columns", "separator", "encoding", "no_header"),
    *("no_label", "fold_case", "skip_bad_rows"),
)
"""The options that say how a table is written."""


@options.takes(*HOW_WRITTEN)
def audit(
    files: Annotated[
        list[Path],
        typer.Argument(help="The table, as a program exported it; several files of one form.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files of the audit.")],
    text_column: Annotated[
        list[str] | None, typer.Option(help="Column of texts; repeat to join several.", show_default=False)
    ] = None,
    label_column: Annotated[
        list[str] | None, typer.Option(help="Column of labels; repeat it for several annotators.", show_default=False)
    ] = None,
    encoder: Annotated[str, typer.Option(help="Encoder of the texts, see `list encoders`.")] = "frozen:minilm",
    checked: Annotated[
        Path | None, typer.Option(help="to_check.csv of an earlier audit, its column right_label filled.")
    ] = None,
    test_data: Annotated[
        Path | None, typer.Option(help="Test rows in a file of their own, of the form of the table: audited, too.")
    ] = None,
    test_rows: Annotated[
        str, typer.Option(help="Which rows of the table are a test set: COLUMN=VALUE, as in split=test.")
    ] = "",
    max_tokens: Annotated[int, typer.Option(min=8, max=8_192, help="Texts are cut there.")] = 128,
    **given: Any,
) -> None:
    """Find the labels of a table that are likely wrong.

    `python -m benchmark audit tickets.csv --text-column text --label-column label --out
    audit`
    """
    from benchmark.audit.audit import audit_table
    from benchmark.audit.checked import read_checked
    from benchmark.audit.embedding import embed
    from benchmark.audit.output.page import summary
    from benchmark.audit.output.writing import CONTENTS, prepare_folder, write_audit
    from benchmark.audit.reading import read_labelled
    from benchmark.cli.own_table import refuse_unnamed_columns
    from benchmark.experiment.own_tables import own_data_of, texts_of_run
    from benchmark.model.surroundings import as_a_run_encodes

    if not text_column or not label_column:
        refuse_unnamed_columns(files[0], given)
    described = {"text_columns": text_column, "label_column": label_column, "test_data": test_data, **given}
    own = own_data_of({"data": files, "max_tokens": max_tokens, **described}, ())
    assert own is not None
    table = read_labelled(own, test_rows)
    for remark in table.remarks:
        tell(remark, error=True)
    reviewed = {} if checked is None else read_checked(checked, table)
    prepare_folder(out)
    say(f"{len(table)} rows, {len(table.label_names)} classes")
    with as_a_run_encodes():
        lists = texts_of_run(own, encoder)
        features = embed(table.texts, encoder, max_tokens, told("embedding texts"), lists)
    found = audit_table(table, features, reviewed, told)
    for sentence in summary(found):
        tell(sentence)
    for path in write_audit(found, out):
        say(f"Written: {path}  {CONTENTS[path.name]}")


def told(step: str) -> Callable[[float], None]:
    """Says now and then how far a step is, and how long it still takes."""
    last = time.monotonic()
    time_left = TimeLeft()

    def progress(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        left = time_left.after(now, share)
        if left is None or now - last < SECONDS_BETWEEN_LINES:
            return
        last = now
        say(f"{step}: {share:.0%}, {left} left", error=True)

    return progress
