"""The page of the measured demo in a real browser: what one sees of it at first, in
light, in dark and in print; skipped where no browser is installed.
"""

import re
from pathlib import Path

import pytest

from benchmark.analysis.report import write_report
from benchmark.records.archive.reading import read_archive
from tests.support.browser import asked_of, contrast, luminance, needs_browser, printed_pages

DEMO = Path(__file__).parents[2] / "results" / "measured" / "demo" / "records.parquet"
pytestmark = needs_browser


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A folder with the report of the measured demo."""
    folder = tmp_path_factory.mktemp("demo")
    write_report(read_archive(DEMO), folder)
    return folder


FIRST_SCREEN = """
  const all = (name) => [...page.querySelectorAll(name)];
  const bottom = (name) => Math.max(...all(name).map((each) => each.getBoundingClientRect().bottom));
  const names = [".answer h2", ".answer .gain", ".answer .next", ".answer pre", ".means table", ".picture svg"];
  return {wide: page.documentElement.scrollWidth, bottoms: names.map(bottom),
    texts: names.slice(0, 4).map((name) => all(name).map((each) => each.innerText).join(" "))};"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_says_what_to_use_its_gain_its_price_and_the_next_command(demo, width, height):
    found = asked_of(demo, FIRST_SCREEN, width)
    use, gain, step, command = found["texts"]
    assert re.fullmatch(r"apidocs: use \w+\.", use)
    assert re.search(r"\d\.\d points \(95 % interval \d+\.\d to \d+\.\d\)", gain)
    assert re.search(r"\d\.\d times", gain)
    assert re.search(r"\d+ trials", step)
    assert command.startswith("python -m benchmark run --grid grid.toml --seeds ")
    assert max(found["bottoms"][:4]) <= height
    assert found["wide"] <= width


def test_a_desk_shows_means_and_picture_without_scrolling(demo):
    assert max(asked_of(demo, FIRST_SCREEN, 1280)["bottoms"]) <= 800


def test_no_column_of_the_demo_is_shown_twice_outside_the_folds(demo):
    columns = asked_of(
        demo,
        """
  return [...page.querySelectorAll("section.table table")].filter((table) => !table.closest("details"))
    .flatMap((table) => [...table.querySelectorAll("tr.heads th")].slice(1).map((_, place) =>
      [...table.tBodies[0].rows].map((row) => row.cells[place + 1].textContent).join("|")))
    .filter((column) => /[0-9]/.test(column));""",
    )
    assert len(columns) > 8
    assert len(columns) == len(set(columns))


def test_a_demo_is_printed_on_at_most_eight_pages(demo, tmp_path):
    assert 2 <= printed_pages(demo / "report.html", tmp_path) <= 8


def test_a_name_explains_its_method_and_leads_to_its_section(demo):
    found = asked_of(
        demo,
        """
  const links = [...page.querySelectorAll("a.m")];
  const target = page.getElementById(links[0].hash.slice(1));
  const closed = !target.checkVisibility();
  links[0].click();
  view.dispatchEvent(new view.HashChangeEvent("hashchange"));
  return {names: links.length, without: links.filter((each) => !each.title).length, closed,
    opened: target.checkVisibility()};""",
    )
    assert found["names"] > 20
    assert found["without"] == 0
    assert found["closed"]
    assert found["opened"]


def test_every_table_and_picture_has_a_name_and_every_head_a_scope(demo):
    found = asked_of(
        demo,
        """
  const count = (name) => page.querySelectorAll(name).length;
  return {tables: count("table"), captions: count("table > caption"), heads: count("th"), scopes: count("th[scope]"),
    pictures: count("svg"), named: count("svg[role=img][aria-label] > title:first-child")};""",
    )
    assert found["tables"] == found["captions"] > 10
    assert found["heads"] == found["scopes"]
    assert found["pictures"] == found["named"] == 1


DARK = "--blink-settings=preferredColorScheme=0"


@pytest.mark.parametrize(("options", "dark"), [([], False), ([DARK], True)])
def test_letters_stand_out_in_light_and_in_dark(demo, options, dark):
    found = asked_of(
        demo,
        """
  const channels = (text) => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const style = (name) => view.getComputedStyle(page.querySelector(name));
  return {paper: channels(style("body").backgroundColor), letters: [".answer h2", ".facts", "td", ".caption"]
    .map((name) => channels(style(name).color)), drawn: channels(style(".picture text").fill)};""",
        1280,
        *options,
    )
    assert (luminance(found["paper"]) < 0.2) == dark
    contrasts = [contrast(letters, found["paper"]) for letters in [*found["letters"], found["drawn"]]]
    assert min(contrasts) >= 4.5
