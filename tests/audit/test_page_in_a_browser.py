"""The page of an audit in a real browser, skipped where none is installed."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from benchmark.audit.audit import Audit, Pair
from benchmark.audit.count import Count
from benchmark.audit.output.page import page
from benchmark.audit.reading import make_table

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
pytestmark = pytest.mark.skipif(not BROWSER, reason="no chromium, chromium-browser or google-chrome on PATH")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=5000",
    "--allow-file-access-from-files",
]
DRIVER = """<!doctype html><meta charset="utf-8">
<iframe src="audit.html" style="border:0;width:WIDTHpx;height:800px"></iframe><pre id="found"></pre>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  let found;
  try { found = (() => { BODY })(); } catch (error) { found = {error: String(error)}; }
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""
ROWS, LONG_NAME = 120, "a_class_with_a_name_of_one_long_word_that_nothing_breaks"


def an_audit():
    texts = [f"text{row}s " + "of many words " * (row % 30) + "x" * (row % 200) for row in range(ROWS)]
    names = [[LONG_NAME if row % 3 else "short"] for row in range(ROWS)]
    table = make_table(
        "tickets.csv", texts, [[*name, "short", ""] for name in names], range(1_000_001, 1_000_001 + ROWS)
    )
    return Audit(
        table=table,
        proposed=1 - table.labels,
        p_wrong=np.linspace(1.0, 0.0, ROWS),
        order=np.arange(ROWS),
        count=Count(0.4, 0.2, 0.5, True),
        near=np.tile([1, 2, -1], (100, 1)),
        confused=np.array([[50.0, 10.0], [20.0, 40.0]]),
        duplicates=(Pair(0, 1),),
        to_check=np.arange(5),
        checked={0: True},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("audit")
    (made / "audit.html").write_text(page(an_audit()), encoding="utf-8")
    return made


def browse(folder, *arguments):
    done = subprocess.run(
        [BROWSER, *OPTIONS, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


@pytest.fixture
def asked(folder):
    """What a script gives back that acts on the page, shown so many pixels wide."""

    def ask(body, width, *arguments):
        (folder / "driver.html").write_text(DRIVER.replace("WIDTH", str(width)).replace("BODY", body), encoding="utf-8")
        text = browse(folder, *arguments, "--dump-dom", (folder / "driver.html").as_uri())
        found = json.loads(re.search(r'<pre id="found">(.*?)</pre>', text, re.S)[1])
        assert "error" not in found, found
        return found

    return ask


LOOK = """
  const lines = (cell) => {
    const range = page.createRange();
    range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
  };
  const cells = [...page.querySelectorAll("#list tbody td")].filter((cell) => /^\\d+$/.test(cell.textContent));
  const field = page.getElementById("filter");
  field.value = "TEXT77s short";
  field.dispatchEvent(new view.Event("input"));
  return {wide: page.documentElement.scrollWidth, broken: cells.filter((cell) => lines(cell) > 1).length,
    numbers: cells.length, shown: [...page.querySelectorAll("#list tbody tr")].filter((row) => row.checkVisibility())
      .map((row) => row.cells[1].textContent), said: page.getElementById("filtered").textContent,
    ink: view.getComputedStyle(page.body).color, paper: view.getComputedStyle(page.body).backgroundColor};"""


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_its_window_breaks_no_number_and_filters(asked, width):
    found = asked(LOOK, width)
    assert found["wide"] <= width
    assert found["numbers"] == 200
    assert found["broken"] == 0
    assert found["shown"] == ["1000078"]
    assert found["said"] == "1 of 100 rows"


def test_dark_is_light_on_dark(asked):
    found = asked(LOOK, 1280, "--blink-settings=preferredColorScheme=0")
    ink, paper = (sum(map(int, re.findall(r"\d+", found[name])[:3])) for name in ("ink", "paper"))
    assert ink > 600
    assert paper < 100


def test_a_hundred_suspects_print_on_few_pages(folder):
    browse(folder, "--no-pdf-header-footer", f"--print-to-pdf={folder / 'page.pdf'}", (folder / "audit.html").as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", (folder / "page.pdf").read_bytes())) <= 14
