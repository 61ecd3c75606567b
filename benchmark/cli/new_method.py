"""`new-method`: the skeleton of a method of one's own."""

from __future__ import annotations

import keyword
import re
import shlex
from collections.abc import Container
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.cli.output import say
from benchmark.contracts.errors import BenchmarkError
from benchmark.files.disk import disk_errors

NAME = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = ("contract", "ranked")
"""Names that `explain` and grids give another meaning."""
IMPORTED = ("Annotated", "GradientMethod", "Within")
"""Classes that the skeleton reads under these names."""

SKELETON = '''"""{title}: write here in one sentence what the method does."""

from typing import Annotated

from benchmark.contracts import GradientMethod, Within, register


@register
class {cls}(GradientMethod):
    """(1 - w) CE(p, y) + w (1 - p_y): write your equation here.  Authors, venue, year, arXiv number."""

    name = "{name}"
    family = "robust loss"

    weight: Annotated[float, Within(0, 1)] = 0.5

    def loss(self, batch):
        """Give the scalar to descend: the mean over texts and networks of the equation above."""
        absolute = 1 - batch.label_probabilities  # (networks, batch), as batch.losses
        return ((1 - self.weight) * batch.losses + self.weight * absolute).mean()
'''


def new_method(
    name: Annotated[str, typer.Argument(help="A name in lower-case letters, digits and _, as in my_loss.")],
    out: Annotated[Path | None, typer.Option(help="The file to write (default: NAME.py here).")] = None,
    plugin: options.Plugins = None,
) -> None:
    """Write the skeleton of a method: a loss, a parameter, an equation."""
    options.load_plugins(plugin)
    _check_name(name)
    path = out if out is not None else Path(f"{name}.py")
    _write(path, skeleton(name))
    file = shlex.quote(str(path))
    say(f"{path} holds the method {name}. Write its loss, then:")
    say("  python -m benchmark explain contract    # all that a loss, a view and the trainer offer")
    say(f"  python -m benchmark check {name} --plugin {file}")
    say(f"  python -m benchmark run --plugin {file} --methods cross_entropy,{name}")


def skeleton(name: str) -> str:
    """Write the source of a method of that name, which passes `check` as it is."""
    words = name.strip("_").split("_")
    cls = "".join(word.capitalize() for word in words)
    cls += "Method" if keyword.iskeyword(cls) or cls in IMPORTED else ""  # as with none, true and within
    return SKELETON.format(name=name, cls=cls, title=" ".join(words).capitalize())


def _check_name(name: str) -> None:
    from benchmark.contracts import methods, noises
    from benchmark.corpora import corpus_names

    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        why = "is a word of Python's own" if keyword.iskeyword(name) else "is no plain name"
        raise BenchmarkError(
            f"The name '{name}' {why}. Write lower-case letters, digits and _, a letter first, as in my_loss."
        )
    taken: dict[str, Container[str]] = {
        "method": methods,
        "noise": noises,
        "corpus": corpus_names(),
        "reserved word": RESERVED,
    }
    for kind, names in taken.items():
        if name in names:
            raise BenchmarkError(f"The name '{name}' is taken: there is a {kind} '{name}'. Choose another.")


def _write(path: Path, text: str) -> None:
    if path.suffix != ".py":
        raise BenchmarkError(f"--out is '{path}'. Give the path of a .py file that is not there yet.")
    if path.exists() or path.is_symlink():
        raise BenchmarkError(f"'{path}' is there already and stays as it is. Name another file by --out.")
    with disk_errors(path), path.open("x", encoding="utf-8") as file:
        file.write(text)
