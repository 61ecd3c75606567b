"""The report as one self-contained page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from benchmark.analysis.figures import Drawing
from benchmark.analysis.part import Part
from benchmark.analysis.reproduce import Command
from benchmark.contracts.hashes import sha256_hex

TEMPLATES = Path(__file__).parent / "templates"
MOST_IMAGE_LETTERS = 3_500_000
"""Room for figures on the page, in letters of their addresses: with its tables it then
stays below 5 MB.
"""


def page(
    parts: Sequence[Part],
    apart: Sequence[str],
    environment: Sequence[tuple[str, str]],
    title: str = "Report",
    commands: Sequence[Command] = (),
) -> str:
    """One HTML page that needs no other file; every text is escaped, and no script but
    its own may run.
    """
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
        legend=list(dict.fromkeys(sentence for part in parts for sentence in part.legend)),
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=Markup(f"sha256-{base64.b64encode(bytes.fromhex(sha256_hex(script))).decode()}"),
    )


def within_room(figures: Sequence[Drawing], room: int = MOST_IMAGE_LETTERS) -> dict[str, str]:
    """Addresses by key of the figures that find room on the page, earlier ones
    first.
    """
    images: dict[str, str] = {}
    for figure in figures:
        address = data_uri(figure)
        if len(address) <= room:
            images[figure.key] = address
            room -= len(address)
    return images


def data_uri(figure: Drawing) -> str:
    """The figure as an address that holds its own bytes; as an image nothing in it can
    run.
    """
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg).decode()}"
