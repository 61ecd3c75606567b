"""`noise`: look at what a noise does to a corpus, export its labels, import labels made
elsewhere.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.output import printable, say, say_json, tell
from benchmark.contracts.parameters.bounds import MOST_SEED
from benchmark.experiment.options import OWN_OPTIONS, RunOptions

if TYPE_CHECKING:
    from benchmark.contracts import NoiseModel
    from benchmark.corpora import Corpus
    from benchmark.noisy_labels.summary import NoiseSummary
    from benchmark.records.schema import Manifest

app = typer.Typer(
    help="Noise: look at what it does to a corpus, export its labels, import labels made elsewhere.",
    no_args_is_help=True,
)

TEXT_LENGTH, NAME_LENGTH = 100, 60
ENCODER = "frozen:minilm"
"""The encoder by whose tokens the texts of a user's own table are compared."""

SMALLEST_SHOWN = 0.005

NoiseText = Annotated[str, typer.Argument(metavar="NOISE", help='As in a grid: "instance(0.4)"; see `list noises`.')]
CorpusName = Annotated[str | None, typer.Option("--corpus", help="Name of a corpus.", show_default=False)]
Seed = Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the noise.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
@options.takes(*OWN_OPTIONS)
def show(
    noise: NoiseText,
    corpus: CorpusName = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the matrix as a figure and all of it as JSON.")] = None,
    plugin: options.Plugins = None,
    as_json: AsJson = False,
    **given: Unpack[RunOptions],
) -> None:
    """Show rates, transition matrix, texts that turn wrong first, and the overlap with
    other seeds.

    `python -m benchmark noise show "instance(0.4)" --corpus trec`
    """
    from benchmark.noisy_labels.summary import summarise_noise

    model, found = _chosen(noise, corpus, plugin, given)
    summary = summarise_noise(found, model, seed)
    content = json.dumps(dataclasses.asdict(summary) | {"manifest": summary.manifest.model_dump()}, indent=1)
    written = [] if out is None else _write(out, summary, found, content)
    if as_json:
        say(content)
        return
    _print(summary)
    for path in written:
        say(f"Written: {path}")


@app.command("export")
@options.takes(*OWN_OPTIONS)
def export_noise(
    noise: NoiseText,
    out: Annotated[Path, typer.Option(help="Folder for labels.csv and manifest.json.", show_default=False)],
    corpus: CorpusName = None,
    seed: Seed = 0,
    with_clean: Annotated[bool, typer.Option("--with-clean", help="Write the clean labels, too.")] = False,
    plugin: options.Plugins = None,
    **given: Unpack[RunOptions],
) -> None:
    """Write noisy labels for use elsewhere: a CSV row a text, and a manifest that says
    what they are.
    """
    from benchmark.noisy_labels.label_exchange import LABELS, MANIFEST, export_labels

    model, found = _chosen(noise, corpus, plugin, given)
    made = export_labels(found, model, seed, out, with_clean)
    for line in _said(made.made):
        tell(line)
    sizes = ", ".join(f"{rows} {split}" for split, rows in made.rows.items())
    say(f"Written: {out / LABELS} ({sizes} rows) and {out / MANIFEST}")
    where = f"--corpus {corpus}" if corpus else "and the same options of your own data"
    say(f"Back here: noise import {shlex.quote(str(out / LABELS))} {where}")


@app.command("import")
@options.takes(*OWN_OPTIONS)
def import_noise(
    file: Annotated[Path, typer.Argument(help="CSV: split, id or row, noisy_label or noisy_label_name.")],
    corpus: CorpusName = None,
    out: Annotated[Path | None, typer.Option(help="CSV file to write, with ids and hashes of the texts.")] = None,
    as_json: AsJson = False,
    **given: Unpack[RunOptions],
) -> None:
    """Check labels made elsewhere, say what they are and how to run on them."""
    from benchmark.corpora import load_corpus
    from benchmark.noisy_labels.label_exchange import import_labels

    found = import_labels(file, load_corpus(_corpus_name(corpus, given)), out)
    on = f"--corpora {shlex.quote(corpus)}" if corpus else "and the same options of your own data"
    command = f"run --noises {shlex.quote(str(found.noise))} {on}"
    if as_json:
        content = {"noise": str(found.noise), "manifest": found.manifest.model_dump(), "notes": found.notes}
        say_json(content | {"run": command}, indent=1)
        return
    for line in (*_said(found.manifest), *found.notes):
        tell(line)
    say(f"Run on them: python -m benchmark {command}")


def _chosen(noise: str, corpus: str | None, plugins: list[Path] | None, given: RunOptions) -> tuple[NoiseModel, Corpus]:
    from benchmark.contracts import noise_from
    from benchmark.corpora import load_corpus
    from benchmark.experiment.expansion import check_noise

    options.load_plugins(plugins)
    model, name = noise_from(noise), _corpus_name(corpus, given)
    check_noise(name, model)
    return model, load_corpus(name)


def _corpus_name(corpus: str | None, given: RunOptions) -> str:
    """Give the corpus that is named, or that of a table of the user's own."""
    from benchmark.contracts import BenchmarkError
    from benchmark.corpora.own import add_own_data, own_remarks
    from benchmark.experiment.own_tables import own_data_of

    own = own_data_of(given, (ENCODER,))
    if (own is None) == (corpus is None):
        raise BenchmarkError("Name one corpus: one of the project by --corpus, or a table of your own by --data.")
    if own is None:
        return str(corpus)
    name = add_own_data(own)
    for remark in own_remarks(name):
        tell(remark, error=True)
    return name


def _said(manifest: Manifest) -> Iterator[str]:
    yield f"Noise:       {manifest.noise}"
    asked = "" if manifest.requested_rate is None else f" (asked for: {manifest.requested_rate:g})"
    yield f"Wrong:       {_share(manifest.realised_rate)} of {manifest.train_rows} training texts{asked}"
    yield f"             {_share(manifest.realised_valid_rate)} of {manifest.valid_rows} validation texts"
    if manifest.unlabelled_rows:
        yield f"No label:    {manifest.unlabelled_rows} training texts, left out"
    if manifest.known_classes is not None:
        yield f"Held out:    {manifest.num_classes - manifest.known_classes} of {manifest.num_classes} classes"
    yield f"Fingerprint: {manifest.fingerprint} on corpus {manifest.corpus_fingerprint}"


def _share(rate: float | None) -> str:
    return "unknown" if rate is None else f"{rate:.2%}"


def _print(summary: NoiseSummary) -> None:
    from benchmark.cli.terminal import make_console, show_text

    console = make_console()
    for line in _said(summary.manifest):
        show_text(console, line)
    _print_classes(console, summary)
    for line in _matrix(summary):
        console.print(line, highlight=False, soft_wrap=True)
    show_text(console, f"\nTraining texts {summary.chosen_by}", "bold")
    _print_texts(console, summary)
    console.print("\n[bold]Wrong under both seeds[/], share of the training texts", highlight=False)
    for other in summary.overlaps:
        seeds = f"seeds {summary.seed} and {other.seed}"
        console.print(f"{seeds}: {other.both:.2%}; by chance {other.expected:.2%}", highlight=False)


def _print_classes(console: Any, summary: NoiseSummary) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("class", "", "asked", "train", "texts", "valid", "texts"):
        table.add_column(name, justify="left" if name == "" else "right", overflow="fold")
    for row in summary.classes:
        rates = ["-" if rate is None else f"{rate:.3f}" for rate in (row.asked, row.train_rate, row.valid_rate)]
        texts = str(row.train_texts), str(row.valid_texts)
        table.add_row(
            str(row.number), escape(printable(row.name, NAME_LENGTH)), rates[0], rates[1], texts[0], rates[2], texts[1]
        )
    console.print("\n[bold]Share of wrong labels by class[/]")
    console.print(table)


def _matrix(summary: NoiseSummary) -> Iterator[str]:
    """Write per cent of the training texts of each class (rows) by noisy label
    (columns), classes by number.
    """
    matrix = summary.manifest.transition_matrix
    if matrix is None:
        yield "\nThe transition matrix is left out: too many classes."
        return
    yield "\n[bold]Transition matrix[/], per cent of class (down) labelled as class (across)"
    yield "    " + "".join(f"{k:4d}" for k in range(len(matrix)))
    for k, shares in enumerate(matrix):
        yield f"{k:4d}" + "".join(f"{100 * share:4.0f}" if share >= SMALLEST_SHOWN else "   ." for share in shares)


def _print_texts(console: Any, summary: NoiseSummary) -> None:
    from benchmark.cli.terminal import show_text

    for text in summary.texts:
        score = "" if text.score is None else f"{text.score:.3f} "
        clean = printable(text.clean_label, NAME_LENGTH)
        turned = "dropped" if text.noisy_label is None else printable(text.noisy_label, NAME_LENGTH)
        labels = clean if turned == clean else f"{clean} → {turned}"
        show_text(console, f"{labels}: {printable(text.text, TEXT_LENGTH)}", mark=score)
    if not summary.texts:
        console.print("none")


def _write(folder: Path, summary: NoiseSummary, corpus: Corpus, content: str) -> list[Path]:
    from benchmark.analysis.figures.transition import transition_figure
    from benchmark.analysis.files import write_bytes

    files = {"summary.json": f"{content}\n".encode()}
    matrix, manifest = summary.manifest.transition_matrix, summary.manifest
    if matrix is not None:
        title = f"{manifest.noise} on {corpus.name}"
        caption = f"Share of training texts by clean and noisy label, {title}, seed {summary.seed}."
        figure = transition_figure(matrix, corpus.label_names, "transition", title, caption)
        files |= {"transition.png": figure.png, "transition.svg": figure.svg}
    return [write_bytes(folder / name, data) for name, data in files.items()]
