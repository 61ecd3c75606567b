"""The page in a real browser: what it does; skipped where none is installed."""

import functools
import json
import re

import pytest

from benchmark.analysis.report import write_report
from benchmark.records.schema import CurvePoint
from tests.support.browser import asked_of, browse, needs_browser, printed_pages

EVIL = "<script>alert(1)</script>_%&"
pytestmark = needs_browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the report of some records."""
    from tests.support.records import Factory

    factory = Factory(skills={"elr": 0.6, "gce": 0.2}, networks={"co_teaching": 2})
    folder = tmp_path_factory.mktemp("site")
    noises = ["clean()", "symmetric(0.2)", "symmetric(0.4)", "asymmetric(0.4)"]
    records = factory.grid(["cross_entropy", "elr", "gce", "co_teaching", EVIL], noises, [1, 2, 3], ["trec", "agnews"])
    curve = [CurvePoint(stage=1, fraction=k / 5, noisy_valid_accuracy=0.5) for k in range(1, 6)]
    records = [record.model_copy(update={"curve": curve}) for record in records]
    records.append(factory.record("gce", "symmetric(0.2)", 4, status="failed"))
    write_report(records, folder)
    return folder


@pytest.fixture
def asked(site):
    return functools.partial(asked_of, site)


ROWS = """
  const column = (table, place) => [...table.tBodies[0].rows].map((row) => row.cells[place].textContent);
  const table = [...page.querySelectorAll("section.table table")].find((each) => each.textContent.includes("±"));
  const heads = [...table.querySelectorAll("tr.heads th")];
"""


def test_columns_sort_by_their_numbers_and_come_back(asked):
    found = asked(
        ROWS
        + """
  const before = column(table, 0);
  const button = heads[2].querySelector("button");
  const states = [];
  for (let i = 0; i < 3; i++) { button.click(); states.push([heads[2].ariaSort, column(table, 2), column(table, 0)]); }
  return {before, states};"""
    )
    (first, down, _), (second, up, _), (third, _, last) = found["states"]
    assert (first, second, third) == ("descending", "ascending", None)
    numbers = [float(re.match(r"[\d.]+", text)[0]) for text in down]
    assert len(numbers) >= 5
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) > 2
    assert [float(re.match(r"[\d.]+", text)[0]) for text in up] == sorted(numbers)
    assert last == found["before"]


def test_the_filter_leaves_the_rows_with_every_word_opens_folds_and_is_undone(asked):
    found = asked(
        """
  const field = page.getElementById("filter");
  const rows = () => [...page.querySelectorAll("section.table tbody tr")].filter((row) => row.checkVisibility());
  const type = (text) => { field.value = text; field.dispatchEvent(new view.Event("input")); };
  const all = rows().length;
  type("ELR trec");
  const some = rows().map((row) => row.textContent + row.closest("section").dataset.words);
  const said = page.getElementById("filtered").textContent;
  type("no such words");
  const none = rows().length;
  field.dispatchEvent(new view.KeyboardEvent("keydown", {key: "Escape"}));
  return {all, some, said, none, after: rows().length, empty: field.value};"""
    )
    assert 0 < len(found["some"]) < found["all"]
    assert found["none"] == 0
    assert all("elr" in text and "trec" in text.lower() for text in found["some"])
    assert re.fullmatch(rf"{len(found['some'])} of \d+ rows", found["said"])
    assert found["after"] == found["all"]
    assert found["empty"] == ""


def test_a_name_that_looks_like_a_script_is_text_and_foreign_scripts_are_refused(asked):
    found = asked(
        """
  const injected = page.createElement("script");
  injected.textContent = "document.documentElement.dataset.ran = 'yes'";
  page.body.append(injected);
  return {scripts: page.querySelectorAll("body > script").length, ran: page.documentElement.dataset.ran ?? null,
    named: [...page.querySelectorAll("tbody th")].filter((each) => each.textContent.includes(NAME)).length,
    elsewhere: [...page.querySelectorAll("[src],[href]")].map((each) => each.getAttribute("src") ||
      each.getAttribute("href")).filter((address) => !/^(#|data:image)/.test(address))};""".replace(
            "NAME", json.dumps(EVIL).replace("</", "<\\/")
        )
    )
    assert found["named"] > 3
    assert found["scripts"] == 2
    assert found["ran"] is None
    assert found["elsewhere"] == []


def test_everything_that_acts_takes_the_keyboard(asked):
    found = asked(
        """
  page.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  const act = [...page.querySelectorAll("th button, summary, #filter, nav a, .scroll, .skip")];
  const reached = act.filter((each) => { each.focus(); return page.activeElement === each; });
  return {act: act.length, reached: reached.length,
    regions: [...page.querySelectorAll("[role=region]")].map((each) => each.getAttribute("aria-label"))};"""
    )
    assert found["act"] > 40
    assert found["reached"] == found["act"]
    assert all(found["regions"])
    assert len(found["regions"]) == len(set(found["regions"]))


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_the_page_is_never_wider_than_its_window_and_images_are_drawn(asked, width):
    found = asked(
        """
  page.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  return {wide: page.documentElement.scrollWidth, seen: view.innerWidth,
    images: [...page.images].map((image) => image.naturalWidth)};""",
        width,
    )
    assert found["wide"] <= found["seen"] == width
    assert found["images"]
    assert all(found["images"])


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_names_beside_and_above_a_table_break_between_words_only(asked, width):
    found = asked(
        """
  page.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  const lines = (cell) => {
    const range = page.createRange();
    range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
  };
  return [...page.querySelectorAll("section.table th")].filter((cell) => cell.checkVisibility())
    .map((cell) => [cell.textContent.trim(), lines(cell)]);""",
        width,
    )
    names = [(text, lines) for text, lines in found if len(text) <= 24]
    assert len(names) > 100
    assert [(text, lines) for text, lines in names if lines > max(2, len(text.split()))] == []


def test_means_of_four_families_of_noise_fit_a_window_beside_each_other(tmp_path):
    from tests.support.records import Factory

    methods, noises = ["cross_entropy", "confident_learning", "gce"], ["symmetric(0.4)", "observed(weak)"]
    write_report(Factory().grid(methods, noises, [1, 2, 3], ["corporate_messaging", "disaster_tweets"]), tmp_path)
    body = 'const it = page.querySelector(".means .scroll"); return [it.scrollWidth, it.clientWidth];'
    wide, seen = asked_of(tmp_path, body, 1280)
    assert wide <= seen


def test_links_lead_somewhere(asked):
    found = asked(
        """return [...page.querySelectorAll("a")].map((each) => each.getAttribute("href").slice(1))
          .filter((name) => !page.getElementById(name));"""
    )
    assert found == []


def test_it_opens_from_a_file_and_prints(site, tmp_path):
    page = site / "report.html"
    browse("--window-size=1200,2400", f"--screenshot={tmp_path / 'page.png'}", page.as_uri())
    assert (tmp_path / "page.png").stat().st_size > 50_000
    assert 2 <= printed_pages(page, tmp_path) <= 8
