"""The report as one self-contained page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from benchmark.analysis.figures import Drawing
from benchmark.analysis.layout.format import LEGEND
from benchmark.analysis.reproduce import Command
from benchmark.analysis.tables import Table

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = {
    "headline": "Accuracy",
    "across": "Across cells",
    "differences": "Differences to the best",
    "single": "Single networks",
    "noise": "Noise rates",
    "training": "Wrong labels in training",
    "cost": "Cost",
    "oracle": "Diagnostics with oracles",
    "failures": "Failures",
}
MOST_IMAGE_LETTERS = 3_500_000
"""Room for figures on the page, in letters of their addresses: with its tables it then stays below 5 MB."""
OPEN = ("headline", "across", "failures")


@dataclass(frozen=True, slots=True)
class Part:
    """What the page shows for one encoder and recipe."""

    name: str
    summary: tuple[str, ...]
    tables: tuple[Table, ...]
    figures: tuple[Drawing, ...]

    def sections(self) -> list[tuple[str, str, bool, list[Table]]]:
        """Key, title, whether shown unfolded, and tables of every section that has any."""
        found = [(key, title, [t for t in self.tables if t.section == key]) for key, title in SECTIONS.items()]
        return [(key, title, key in OPEN, tables) for key, title, tables in found if tables]

    def figure_groups(self) -> list[tuple[str, list[Drawing]]]:
        """Figures of one kind together, in their order."""
        names = dict.fromkeys(figure.group for figure in self.figures)
        return [(name, [figure for figure in self.figures if figure.group == name]) for name in names]


def page(
    parts: Sequence[Part],
    apart: Sequence[str],
    environment: Sequence[tuple[str, str]],
    title: str = "Report",
    commands: Sequence[Command] = (),
) -> str:
    """One HTML page that needs no other file; every text is escaped, and no script but its own may run."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    surroundings = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = surroundings.get_template("report.html")
    every = [figure for part in parts for figure in part.figures]
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return template.render(
        parts=parts,
        apart=apart,
        environment=environment,
        title=title,
        commands=commands,
        images=within_room(every),
        legend=LEGEND,
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=Markup(f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"),
    )


def within_room(figures: Sequence[Drawing], room: int = MOST_IMAGE_LETTERS) -> dict[str, str]:
    """Addresses by key of the figures that find room on the page, earlier ones first."""
    images: dict[str, str] = {}
    for figure in figures:
        address = data_uri(figure)
        if len(address) <= room:
            images[figure.key] = address
            room -= len(address)
    return images


def data_uri(figure: Drawing) -> str:
    """The figure as an address that holds its own bytes; as an image nothing in it can run."""
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg).decode()}"
