"""A page in a real browser: Debian's chromium, headless, over loopback."""

from __future__ import annotations

import functools
import html
import http.server
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
needs_browser = pytest.mark.skipif(not BROWSER, reason="no chromium, chromium-browser or google-chrome on PATH")

DRIVER = """<!doctype html><meta charset="utf-8"><title>driver</title>
<iframe src="NAME" style="border:0;width:WIDTHpx;height:800px"></iframe><pre id="found"></pre>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  let found;
  try { found = (() => { BODY })(); } catch (error) { found = {error: String(error)}; }
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def browse(*arguments: str, timeout: float = 240) -> str:
    """Give what a headless browser prints."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    options += ["--no-first-run", "--disable-background-networking", "--virtual-time-budget=20000"]
    done = subprocess.run([BROWSER, *options, *arguments], capture_output=True, text=True, timeout=timeout, check=True)
    return done.stdout


def asked_of(folder: Path, body: str, width: int = 1200, *options: str, name: str = "report.html") -> Any:
    """Give what a script answers that acts on a page of a folder, so many pixels wide.

    It finds the document as `page` and its window as `view`.
    """
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        driver = DRIVER.replace("NAME", name).replace("WIDTH", str(width)).replace("BODY", body)
        (folder / "driver.html").write_text(driver, encoding="utf-8")
        text = browse(*options, "--dump-dom", f"http://127.0.0.1:{server.server_port}/driver.html")
        server.shutdown()
    shown = re.search(r'<pre id="found">(.*?)</pre>', text, re.DOTALL)
    assert shown is not None
    found = json.loads(html.unescape(shown[1]))
    assert "error" not in found, found
    return found


def printed_pages(page: Path, folder: Path) -> int:
    """Give how many sheets a page takes in print."""
    browse("--no-pdf-header-footer", f"--print-to-pdf={folder / 'page.pdf'}", page.as_uri())
    return len(re.findall(rb"/Type\s*/Page\b", (folder / "page.pdf").read_bytes()))


def contrast(one: list[float], other: list[float]) -> float:
    """Give the contrast of two colours of red, green and blue, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(channels: list[float]) -> float:
    """Give the relative luminance of a colour, from 0 to 1."""
    shares = [channel / 255 for channel in channels]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
