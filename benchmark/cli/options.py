"""Options that several verbs share: the grid, how it is narrowed, and where results go."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.specs import split_outside_brackets

if TYPE_CHECKING:
    from benchmark.experiment.choices import Choices
    from benchmark.experiment.grid import Grid
    from benchmark.records.code.plugins import Plugin

DEFAULT_OUT = Path("results/runs")

AXES = "Axes of the grid"
RESOURCES = "Resources"
OWN = "Your own data"

GridName = Annotated[str, typer.Option("--grid", help="Name of a grid (see `list grids`) or path of a .toml file.")]
Methods = Annotated[
    str | None,
    typer.Option(help="Methods, comma-separated: gce,dygen[rate=oracle]; `ranked` for all.", rich_help_panel=AXES),
]
Corpora = Annotated[str | None, typer.Option(help="Corpora, comma-separated.", rich_help_panel=AXES)]
Noises = Annotated[
    str | None,
    typer.Option(help='Noises, comma-separated: "symmetric(0.4),imbalance(10)+hub(0.2)".', rich_help_panel=AXES),
]
EncoderName = Annotated[
    str | None,
    typer.Option("--encoder", help="frozen:minilm, minilm, scratch:tiny, any Hugging Face name.", rich_help_panel=AXES),
]
Seeds = Annotated[
    str | None,
    typer.Option(help="How many seeds (3 means 0, 1, 2), or the seeds themselves: 0,7.", rich_help_panel=AXES),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter: method.field=value. May be repeated.", rich_help_panel=AXES),
]
LimitExamples = Annotated[
    int | None, typer.Option(min=8, help="At most so many texts in each split, cut by hash.", rich_help_panel=AXES)
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Epochs in place of the recipe's.", rich_help_panel=AXES)]
Plugins = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A file with methods or noises of your own. May be repeated.")
]
Archives = Annotated[
    list[Path] | None,
    typer.Option("--archive", help="An archive whose trials count as finished. May be repeated."),
]
AllowUnidentifiable = Annotated[
    bool, typer.Option("--allow-unidentifiable", help="Noise under which labels no longer tell the classes apart.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for records and report (default: results/runs/GRID).")]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="A table of your own: .csv, .tsv, .jsonl or .parquet.", rich_help_panel=OWN),
]
TextColumns = Annotated[
    list[str] | None,
    typer.Option("--text-column", help="Its texts. Repeat it to join several, as in pairs.", rich_help_panel=OWN),
]
LabelColumn = Annotated[
    str | None, typer.Option(help="Its labels to learn from, which may be wrong.", rich_help_panel=OWN)
]
CleanColumn = Annotated[
    str | None, typer.Option(help="Its labels that can be trusted, if it has some.", rich_help_panel=OWN)
]
ValidData = Annotated[
    Path | None, typer.Option(help="Validation rows; by default a tenth of train.", rich_help_panel=OWN)
]
TestData = Annotated[Path | None, typer.Option(help="Test rows; by default a fifth of --data.", rich_help_panel=OWN)]
MaxTokens = Annotated[int | None, typer.Option(min=8, help="Texts are cut there (default: 128).", rich_help_panel=OWN)]
Threads = Annotated[int, typer.Option(help="Threads of one trial; part of its id.", rich_help_panel=RESOURCES)]


def split_list(text: str | None) -> tuple[str, ...] | None:
    """The items of a comma-separated list; commas inside brackets do not split.

    >>> split_list("gce[q=0.4,x=1],elr")
    ('gce[q=0.4,x=1]', 'elr')
    """
    if text is None:
        return None
    found = tuple(filter(None, split_outside_brackets(text, ",")))
    if not found:
        raise BenchmarkError(f"The list '{text}' names nothing.")
    return found


def read_seeds(text: str | None) -> int | tuple[int, ...] | None:
    """A number of seeds, or the seeds themselves where there is a comma.

    >>> read_seeds("3"), read_seeds("0,7")
    (3, (0, 7))
    """
    if text is None:
        return None
    try:
        numbers = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 0 or (len(numbers) == 1 and "," not in text and numbers[0] == 0):
        raise BenchmarkError(f"--seeds is '{text}'. Give how many (3), or the seeds themselves (0,1,2).")
    return numbers if "," in text else numbers[0]


def own_data(
    data: Path | None,
    text_columns: list[str] | None,
    label_column: str | None,
    clean_column: str | None,
    valid_data: Path | None,
    test_data: Path | None,
    max_tokens: int | None,
) -> str | None:
    """The corpus made of the user's own files, checked and added to this process; None without --data."""
    others = (text_columns, label_column, clean_column, valid_data, test_data, max_tokens)
    if data is None:
        if any(option for option in others):
            raise BenchmarkError(
                "Columns and further files describe --data, which is not given. Name a table by --data."
            )
        return None
    from benchmark.corpora.own import OwnData, add_own_data

    columns = tuple(text_columns or ())
    own = OwnData(data, columns, label_column, clean_column, valid_data, test_data)
    return add_own_data(own if max_tokens is None else dataclasses.replace(own, max_tokens=max_tokens))


def with_own(corpora: str | None, own: str | None) -> tuple[str, ...] | None:
    """The corpora asked for, the user's own first; None leaves them to the grid."""
    named = split_list(corpora)
    return named if own is None else (own, *(named or ()))


def choices(
    methods: str | None,
    corpora: Sequence[str] | None,
    noises: str | None,
    encoder: str | None,
    seeds: str | None,
    settings: list[str] | None,
    limit_examples: int | None,
    epochs: int | None,
    threads: int,
) -> Choices:
    """The options that narrow or replace the axes of a grid."""
    from benchmark.experiment.choices import Choices

    return Choices(
        methods=split_list(methods),
        corpora=corpora,
        noises=split_list(noises),
        encoders=split_list(encoder),
        seeds=read_seeds(seeds),
        settings=tuple(settings or ()),
        limit_examples=limit_examples,
        epochs=epochs,
        threads=threads,
    )


def title(grid: Grid, own: str | None, choices: Choices) -> str:
    """What a run is called: the user's data, or the grid, with the axes that options replaced."""
    replaced = [axis for axis in ("methods", "corpora", "noises", "encoders") if getattr(choices, axis)]
    return own or (f"{grid.title}; here with other {', '.join(replaced)}" if replaced else grid.title)


def load_plugins(paths: list[Path] | None) -> tuple[Plugin, ...]:
    """Register the methods and noises of installed packages and of the files given."""
    from benchmark.records.code.plugins import load_entry_points, load_plugin, read_plugin

    load_entry_points()
    found = tuple(read_plugin(path) for path in paths or ())
    for plugin in found:
        load_plugin(plugin)
    return found


def read_grid(name: str, plugins: list[Path] | None) -> tuple[Grid, tuple[Plugin, ...]]:
    """The grid, with plugins loaded before its methods are looked up."""
    from benchmark.experiment.grid import load_grid

    found = load_plugins(plugins)
    return load_grid(name), found


def out_folder(out: Path | None, grid: str, own: str | None = None) -> Path:
    """Where a run writes unless told otherwise: by the name of the grid, or of the user's own data."""
    return out if out is not None else DEFAULT_OUT / (own or Path(grid).stem)
