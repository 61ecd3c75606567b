"""`predict`: what a kept model says of the texts of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.output import say, tell


def predict(
    folder: Annotated[Path, typer.Argument(help="The folder that `train --save` wrote.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="A table with texts.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The table that is written.")] = Path("predictions.csv"),
    text_column: Annotated[
        list[str] | None, typer.Option(help="Column of texts; repeat to join several. The training's if not given.")
    ] = None,
    separator: Annotated[str | None, typer.Option(help="What stands between cells; found without.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The file's encoding; found without.")] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Whether the first row is a header, where columns have numbers. As at the training if not given.",
            show_default=False,
        ),
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Go on without rows that cannot be used.")
    ] = False,
) -> None:
    """Write the predicted label of each text, and the probability of each class.

    `python -m benchmark predict model new.csv --out predictions.csv`
    """
    from benchmark.model.files import load_model
    from benchmark.model.tables import keep_apart, read_texts, write_predictions

    keep_apart(file, out)
    model = load_model(folder)
    columns = text_column or model.about.text_columns
    if header is None and all(name.isdecimal() for name in columns):
        header = model.about.header
    rows, remarks = read_texts(file, columns, separator, encoding, header, skip_bad_rows)
    for remark in remarks:
        tell(remark, error=True)
    probabilities = model.predict_proba(rows.texts)
    say(f"Written: {write_predictions(out, rows, model.about.label_names, probabilities)}, {len(rows.texts)} rows")
