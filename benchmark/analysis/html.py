"""The report as one self-contained page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from benchmark.analysis.figures import Drawing
from benchmark.analysis.page.arrangement import figures, sections
from benchmark.analysis.page.heading import Heading
from benchmark.analysis.page.methods import Links
from benchmark.analysis.part import Part
from benchmark.analysis.reproduce import Command
from benchmark.files.page import html_page

TEMPLATES = Path(__file__).parent / "templates"
MOST_IMAGE_LETTERS = 3_500_000
"""Room for figures on the page, in letters of their addresses: with its tables it then
stays below 5 MB.
"""


def page(
    parts: Sequence[Part],
    apart: Sequence[str],
    environment: Sequence[tuple[str, str]],
    heading: Heading,
    commands: Sequence[Command] = (),
) -> str:
    """Write one HTML page that needs no other file.

    Every text is escaped, and no script but its own may run.
    """
    drawn = [figures(part) for part in parts]
    values = {
        "title": heading.title,
        "heading": heading,
        "parts": parts,
        "answered": sum(len(part.front.answers) for part in parts),
        "links": Links(method for part in parts for method in part.front.methods),
        "arranged": [sections(part) for part in parts],
        "drawn": drawn,
        "images": within_room([figure for groups in drawn for _, found in groups for figure in found]),
        "apart": apart,
        "environment": environment,
        "commands": commands,
        "legend": list(dict.fromkeys(sentence for part in parts for sentence in part.legend)),
    }
    return html_page(
        TEMPLATES / "report.html", values, styles=(TEMPLATES / "report.css",), script=TEMPLATES / "report.js"
    )


def within_room(figures: Sequence[Drawing], room: int = MOST_IMAGE_LETTERS) -> dict[str, str]:
    """Give the addresses, by key, of the figures that find room on the page, earlier
    ones first.
    """
    images: dict[str, str] = {}
    for figure in figures:
        address = data_uri(figure)
        if len(address) <= room:
            images[figure.key] = address
            room -= len(address)
    return images


def data_uri(figure: Drawing) -> str:
    """Give the figure as an address that holds its own bytes; as an image nothing in it
    can run.
    """
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg).decode()}"
