"""A page of HTML that needs no other file: the head, the look and the rules that all
pages share.

A template extends `page.html` and fills its block `body`, with `head` for what else the
head holds. Its own style follows the shared one, which sets colours for light and dark,
type, tables, folds and print.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from benchmark.contracts.hashes import sha256_hex

SHARED = Path(__file__).parent / "templates"


def html_page(
    template: Path,
    values: dict[str, Any],
    *,
    styles: tuple[Path, ...] = (),
    script: Path | None = None,
    filters: dict[str, Callable[..., str]] | None = None,
) -> str:
    """Give a page that loads nothing, on which every text is escaped and no script but
    its own may run.

    Parameters
    ----------
    template : extends `page.html`. Others of its folder may be imported by it.
    values : what the template shows, with the page's `title` among them.
    styles : files whose style follows the shared one.
    script : the file of the page's own script.
    filters : further filters of the template, by name.
    """
    loader = jinja2.FileSystemLoader([template.parent, SHARED])
    surroundings = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    surroundings.filters |= filters or {}
    code = "" if script is None else script.read_text(encoding="utf-8")
    style = "".join(path.read_text(encoding="utf-8") for path in (SHARED / "page.css", *styles))
    digest = base64.b64encode(bytes.fromhex(sha256_hex(code))).decode()
    return surroundings.get_template(template.name).render(
        values
        | {
            "style": Markup(style),
            "script": Markup(code),
            "script_source": Markup(f"'sha256-{digest}'" if code else "'none'"),
        }
    )
