"""The options of a run: names, types, bounds and help, from which all of its faces
follow.

`run` and `plan` have them as options of the command line, `run_grid` as arguments. What
they may be is checked here alone, wherever they come from.
"""

# Annotations are evaluated: the command line and the checks read the options from them.

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypedDict

from benchmark.contracts.errors import UnknownNameError
from benchmark.contracts.parameters.bounds import (
    LEAST_EXAMPLES,
    LEAST_TOKENS,
    MOST_BATCH,
    MOST_EPOCHS,
    MOST_EXAMPLES,
    MOST_GPUS,
    MOST_HOURS,
    MOST_THREADS,
    MOST_TOKENS,
    MOST_WORKERS,
)
from benchmark.experiment.option_kinds import (
    File,
    Files,
    Names,
    OneOf,
    Option,
    Real,
    Seeds,
    SomeFiles,
    SomeTexts,
    Switch,
    Text,
    Texts,
    Whole,
)
from benchmark.training.recipes import PRECISIONS

DEFAULT_OUT = Path("results/runs")
AXES = "Axes of the grid"
RESOURCES = "Resources"
OWN = "Your own data"
EXECUTORS = ("inline", "ray", "serial")
HOW_TO_EXECUTE = (
    "ray: several trials at a time, the default for more than one. serial: one after another. inline: likewise, in "
    "this very process, for debuggers, profilers and methods that print."
)
METHODS = "Methods, comma-separated: gce,dygen[rate=oracle]; `ranked` for all."
NOISES = 'Noises, comma-separated: "symmetric(0.4),imbalance(10)+hub(0.2)".'
SEEDS = "How many seeds (3 means 0, 1, 2), or the seeds themselves: 0,7."
PRECISION = "Arithmetic of transformers: float32 or bfloat16, where the processor has it; part of a trial's id."
BATCH_SIZE = "Texts of a training step in place of the recipe's; part of a trial's id."
EXAMPLES = "At most so many texts in each split, cut by hash; 8 or more."
TRIAL_HOURS = "Time limit of one trial, and of a training that trials share."


DESCRIPTIONS = (
    "text_columns",
    "label_column",
    "clean_column",
    "valid_data",
    "test_data",
    "label_data",
    "id_columns",
    "annotator_column",
    "separator",
    "encoding",
    "no_header",
    "no_label",
    "fold_case",
    "skip_bad_rows",
    "max_tokens",
)
"""The options that say what `data` is."""

OWN_OPTIONS = ("data", *DESCRIPTIONS)

DATA = "A table of your own: .csv, .tsv, .json, .jsonl, .parquet, .xlsx, also .gz. Repeat it for several of one form."
LABELS = "Its labels to learn from, which may be wrong. Repeat it for several annotators, or a class a column."
NO_LABEL = "A cell that stands for no label. May be repeated; --no-label= makes -1, none and the like classes."


class RunOptions(TypedDict, total=False):
    """What can be said of a run beside its grid and its folder."""

    methods: Annotated[Sequence[str] | None, Names(help=METHODS, panel=AXES)]
    corpora: Annotated[Sequence[str] | None, Names(help="Corpora, comma-separated.", panel=AXES)]
    noises: Annotated[Sequence[str] | None, Names(help=NOISES, panel=AXES)]
    encoders: Annotated[
        Sequence[str] | None,
        Names(help="frozen:minilm, minilm, scratch:tiny, any Hugging Face name.", flag="--encoder", panel=AXES),
    ]
    seeds: Annotated[int | Sequence[int] | None, Seeds(help=SEEDS, panel=AXES)]
    settings: Annotated[
        Sequence[str],
        Texts(help="A parameter: method.field=value. May be repeated.", flag="--set", panel=AXES, default=()),
    ]
    limit_examples: Annotated[int | None, Whole(help=EXAMPLES, panel=AXES, least=LEAST_EXAMPLES, most=MOST_EXAMPLES)]
    epochs: Annotated[int | None, Whole(help="Epochs in place of the recipe's.", panel=AXES, least=1, most=MOST_EPOCHS)]
    batch_size: Annotated[int | None, Whole(help=BATCH_SIZE, panel=AXES, least=1, most=MOST_BATCH)]
    precision: Annotated[str | None, OneOf(help=PRECISION, panel=AXES, known=PRECISIONS)]
    data: Annotated[str | Path | Sequence[str | Path] | None, SomeFiles(help=DATA, panel=OWN)]
    text_columns: Annotated[
        Sequence[str],
        Texts(help="Its texts. Repeat it to join several, as in pairs.", flag="--text-column", panel=OWN, default=()),
    ]
    label_column: Annotated[str | Sequence[str] | None, SomeTexts(help=LABELS, panel=OWN)]
    clean_column: Annotated[str | None, Text(help="Its labels that can be trusted, if it has some.", panel=OWN)]
    valid_data: Annotated[str | Path | None, File(help="Validation rows; by default a tenth of train.", panel=OWN)]
    test_data: Annotated[str | Path | None, File(help="Test rows; by default a fifth of --data.", panel=OWN)]
    label_data: Annotated[
        Sequence[str | Path],
        Files(help="Labels in a file of their own, found by --id-column.", panel=OWN, default=()),
    ]
    id_columns: Annotated[
        Sequence[str],
        Texts(help="Id of a text; twice if the labels call it otherwise.", flag="--id-column", panel=OWN, default=()),
    ]
    annotator_column: Annotated[str | None, Text(help="Who labelled, where a text has several rows.", panel=OWN)]
    separator: Annotated[str | None, Text(help="Sign between cells, or tab; found if not given.", panel=OWN)]
    encoding: Annotated[str | None, Text(help="Encoding of text files; found if not given.", panel=OWN)]
    no_header: Annotated[bool, Switch(help="The first row is no header, although it looks like one.", panel=OWN)]
    no_label: Annotated[Sequence[str] | None, Texts(help=NO_LABEL, panel=OWN)]
    fold_case: Annotated[bool, Switch(help="Classes that differ in case alone are one.", panel=OWN)]
    skip_bad_rows: Annotated[bool, Switch(help="Go on without rows that cannot be used.", panel=OWN)]
    max_tokens: Annotated[
        int | None,
        Whole(help="Texts are cut there; 8 or more (default: 128).", panel=OWN, least=LEAST_TOKENS, most=MOST_TOKENS),
    ]
    plugins: Annotated[
        Sequence[str | Path],
        Files(help="A file with methods or noises of your own. May be repeated.", flag="--plugin", default=()),
    ]
    archives: Annotated[
        Sequence[str | Path],
        Files(help="An archive whose trials count as finished. May be repeated.", flag="--archive", default=()),
    ]
    reference: Annotated[str | None, Text(help="Method that the others are tested against.", run_only=True)]
    executor: Annotated[str | None, OneOf(help=HOW_TO_EXECUTE, known=EXECUTORS, run_only=True)]
    workers: Annotated[
        int | None, Whole(help="Trials at a time.", panel=RESOURCES, least=1, most=MOST_WORKERS, run_only=True)
    ]
    threads_per_trial: Annotated[
        int,
        Whole(help="Threads of one trial; part of its id.", panel=RESOURCES, default=1, least=1, most=MOST_THREADS),
    ]
    gpus_per_trial: Annotated[
        float,
        Real(
            help="GPUs of one trial; 0.25 puts four on one.",
            panel=RESOURCES,
            default=0.0,
            least=0,
            most=MOST_GPUS,
            run_only=True,
        ),
    ]
    gpu: Annotated[bool, Switch(help="Train on GPUs, as many trials on one as fit.", panel=RESOURCES, run_only=True)]
    address: Annotated[str | None, Text(help="Address of a Ray cluster to join.", panel=RESOURCES, run_only=True)]
    max_hours: Annotated[
        float | None,
        Real(
            help="Stop in good order after so many hours.",
            panel=RESOURCES,
            least=0,
            most=MOST_HOURS,
            above=True,
            run_only=True,
        ),
    ]
    trial_hours: Annotated[
        float | None,
        Real(help=TRIAL_HOURS, panel=RESOURCES, least=0, most=MOST_HOURS, above=True, run_only=True),
    ]
    fail_fast: Annotated[bool, Switch(help="Stop at the first failed trial.", run_only=True)]
    rerun_changed: Annotated[bool, Switch(help="Run again what other code of the same version made.", run_only=True)]
    skip_unavailable: Annotated[bool, Switch(help="Go on without what is not at hand.", run_only=True)]
    curves: Annotated[bool, Switch(help="Score test texts and training labels at every point.", run_only=True)]
    allow_unidentifiable: Annotated[bool, Switch(help="Noise under which labels no longer tell the classes apart.")]


@cache
def run_options() -> dict[str, Option]:
    """Give every option by the name of its field."""
    return {name: hint.__metadata__[0] for name, hint in RunOptions.__annotations__.items()}


def flag_of(name: str) -> str:
    """Give an option's name on the command line.

    >>> flag_of("encoders"), flag_of("max_hours")
    ('--encoder', '--max-hours')
    """
    return run_options()[name].flag or f"--{name.replace('_', '-')}"


def default_of(name: str) -> Any:
    """Give an option's value where none is given."""
    return run_options()[name].default


def check_options(options: Any) -> None:
    """Raise a BenchmarkError for an unknown option or a value that it cannot have.

    Parameters
    ----------
    options
        Values by the names of their fields. One that is at its default is not checked.
    """
    known = run_options()
    for name, value in options.items():
        if name not in known:
            raise UnknownNameError("option of a run:", name, known)
        if value is not None or known[name].default is not None:
            known[name].check(flag_of(name), value)
