"""Pages of a site: one style for all, every text escaped, no script but the
leaderboard's own.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from benchmark.contracts.hashes import sha256_hex
from benchmark.files.page import SHARED

TEMPLATES = Path(__file__).parent / "templates"
GENERATOR = "noisy-label-benchmark site"
NO_SCRIPT = "'none'"


class Renderer:
    """Fills the templates of a site."""

    def __init__(self) -> None:
        self._surroundings = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._script = (TEMPLATES / "site.js").read_text(encoding="utf-8")

    def page(self, template: str, title: str, root: str = "../", **values: Any) -> bytes:
        """Give a page; `root` leads from it to the folder of the site."""
        return self._fill(template, title, root, NO_SCRIPT, values)

    def index(self, title: str, data: Any, **values: Any) -> bytes:
        """Give the first page, which carries its data and the script that filters."""
        digest = base64.b64encode(bytes.fromhex(sha256_hex(self._script))).decode()
        values |= {"data": embedded(data), "script": Markup(self._script)}
        return self._fill("index.html", title, "", f"'sha256-{digest}'", values)

    def _fill(self, template: str, title: str, root: str, source: str, values: dict[str, Any]) -> bytes:
        common = {"title": title, "root": root, "script_source": Markup(source), "generator": GENERATOR}
        return self._surroundings.get_template(template).render(common | values).encode("utf-8", "replace")


def embedded(data: Any) -> Markup:
    """Give data as JSON that no text in it can end.

    >>> embedded({"name": "</script>"})
    Markup('{"name":"\\\\u003c/script>"}')
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def stylesheet() -> bytes:
    """Give the style of all pages: that of every page, then the site's own.

    It lies in a file beside them, as there may be thousands.
    """
    return (SHARED / "page.css").read_bytes() + (TEMPLATES / "site.css").read_bytes()
