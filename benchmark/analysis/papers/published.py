"""Published figures: read from results/published, checked, never filled in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmark.contracts.errors import BenchmarkError, UnknownNameError

COLUMNS = [
    *("table", "corpus", "noise", "rate", "method", "value", "deviation"),
    *("metric", "selection", "protocol", "source", "secondary"),
]
NUMBERS = ("rate", "value", "deviation")
REQUIRED = ("table", "method", "value", "metric", "source", "secondary")


def published_folder() -> Path:
    """Give the checkout's results/published, or the copy that a wheel carries."""
    package = Path(__file__).resolve().parents[2]
    packed = package / "_published"
    return packed if packed.is_dir() else package.parent / "results" / "published"


def published(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Give the figures of one file, one a row.

    `secondary` is a boolean, and `printed` has the source's own digits.

    Raises BenchmarkError for other columns, a row without one of `REQUIRED`, or what is
    no number.
    """
    folder = folder or published_folder()
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise UnknownNameError("file of published figures", name, [found.stem for found in folder.glob("*.csv")])
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    if list(frame.columns) != COLUMNS:
        raise BenchmarkError(f"{path.name} must have the columns {', '.join(COLUMNS)}.")
    for column in REQUIRED:
        if bool((frame[column] == "").any()):
            raise BenchmarkError(f"{path.name}: every row needs '{column}'; leave a figure that was not found out.")
    if not bool(frame["secondary"].isin(["true", "false"]).all()):
        raise BenchmarkError(f"{path.name}: 'secondary' is either true or false.")
    try:
        numbers = {column: pd.to_numeric(frame[column].where(frame[column] != "")) for column in NUMBERS}
    except ValueError as error:
        raise BenchmarkError(f"{path.name}: {error}.") from None
    deviation = (" ± " + frame["deviation"]).where(frame["deviation"] != "", "")
    return frame.assign(**numbers, secondary=frame["secondary"] == "true", printed=frame["value"] + deviation)
