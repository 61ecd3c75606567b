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
from benchmark.analysis.remake import Command
from benchmark.analysis.tables import Table
from benchmark.analysis.tables.words import LEGEND

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
    surroundings.filters["data_uri"] = data_uri
    template = surroundings.get_template("report.html")
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return template.render(
        parts=parts,
        apart=apart,
        environment=environment,
        title=title,
        commands=commands,
        legend=LEGEND,
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=Markup(f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"),
    )


def data_uri(figure: Drawing) -> str:
    """The figure as an address that holds its own bytes; as an image nothing in it can run."""
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg).decode()}"
