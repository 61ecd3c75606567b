"""The page of an audit in a real browser, skipped where none is installed."""

import re

import numpy as np
import pytest

from benchmark.audit.audit import Audit, Pair
from benchmark.audit.count import Count
from benchmark.audit.output.page import page
from benchmark.audit.reading import make_table
from tests.support.browser import asked_of, needs_browser, printed_pages

pytestmark = needs_browser
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
        checked={0: 1},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("audit")
    (made / "audit.html").write_text(page(an_audit()), encoding="utf-8")
    return made


def asked(folder, width, *options):
    return asked_of(folder, LOOK, width, *options, name="audit.html")


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
def test_the_page_fits_its_window_breaks_no_number_and_filters(folder, width):
    found = asked(folder, width)
    assert found["wide"] <= width
    assert found["numbers"] == 200
    assert found["broken"] == 0
    assert found["shown"] == ["1000078"]
    assert found["said"] == "1 of 100 rows"


def test_dark_is_light_on_dark(folder):
    found = asked(folder, 1280, "--blink-settings=preferredColorScheme=0")
    ink, paper = (sum(map(int, re.findall(r"\d+", found[name])[:3])) for name in ("ink", "paper"))
    assert ink > 600
    assert paper < 100


def test_a_hundred_suspects_print_on_few_pages(folder):
    assert printed_pages(folder / "audit.html", folder) <= 14
