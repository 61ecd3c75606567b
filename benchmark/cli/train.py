"""`train`: a model from a table of one's own, to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.audit import told
from benchmark.cli.output import say, tell
from benchmark.experiment.options import DESCRIPTIONS, RunOptions

CHOICES = ("settings", "limit_examples", "epochs", "batch_size", "precision", "threads_per_trial")


@options.takes(*DESCRIPTIONS, *CHOICES)
def train(
    file: Annotated[Path, typer.Argument(help="The table, of any kind that `data show` reads.", show_default=False)],
    method: Annotated[str, typer.Option(help="The method, as in gce[q=0.4].")],
    save: Annotated[Path, typer.Option(help="Folder for the model: empty, or not there yet.")],
    encoder: Annotated[str, typer.Option(help="Encoder of the texts, see `list encoders`.")] = "frozen:minilm",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
    plugin: options.Plugins = None,
    **given: Unpack[RunOptions],
) -> None:
    """Train a method on a table of your own, as a trial of `run` does, and keep the
    model.

    `python -m benchmark train tickets.csv --text-column text --label-column label
    --method jocor --save model`
    """
    import tempfile

    from benchmark.corpora.own import has_header
    from benchmark.model.files import check_free, save_model
    from benchmark.model.request import config_of_table
    from benchmark.model.training import train_model
    from benchmark.records.artefacts import ArtefactCache

    check_free(save)
    options.load_plugins(plugin)
    choices: dict[str, Any] = {name: value for name in CHOICES if (value := given.pop(name, None)) is not None}  # type: ignore[misc]
    config, remarks = config_of_table(file, method, encoder, seed, given, choices)
    for remark in remarks:
        tell(remark, error=True)
    with tempfile.TemporaryDirectory() as folder:
        artefacts = ArtefactCache(Path(folder))
        progress = told("encoding texts")
        model = train_model(
            config,
            artefacts,
            tuple(given.get("text_columns", ())),
            has_header(config.corpus),
            lambda what: say(f"Making {what}", error=True),
            lambda texts, every, share: progress(share),
        )
    for path in save_model(model, save):
        say(f"Written: {path}")
    about = model.about
    tell(
        f"{len(about.label_names)} classes, {about.networks} network(s), taken at {about.point[1]:.0%} of the training."
    )
    for name, what in (("test_accuracy", "trusted"), ("noisy_test_accuracy", "given")):
        if name in about.metrics:
            tell(f"{about.metrics[name]:.1%} of its held-out rows are predicted as their {what} labels say.")
