"""The site opened from the disk in a real browser, headless; skipped where none is
installed.
"""

import html
import re
from pathlib import Path

import pytest

from benchmark.analysis.site.build import write_site
from tests.support.browser import browse, needs_browser

pytestmark = needs_browser


@pytest.fixture(scope="module")
def site(measured, tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaders") / "site"
    write_site(folder, [Path("a.parquet")], lambda path: measured)
    return folder


@pytest.fixture
def opened(site):
    """The page as the browser has it, opened from the disk at a fragment."""
    return lambda fragment="": browse("--dump-dom", (site / "index.html").as_uri() + fragment)


def leaders(page):
    """Method, rank, gain and where the gain leads, row by row."""
    body = re.search(r'<table class="leaders">.*?<tbody>(.*?)</tbody>', page, re.S)[1]
    rows = []
    for row in re.findall(r"<tr.*?</tr>", body, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        plain = [html.unescape(re.sub(r"<.*?>", "", cell)).strip() for cell in cells]
        rows.append((plain[0], plain[1], plain[2], re.search(r'href="(.*?)"', cells[2])[1]))
    return rows


def test_the_leaderboard_is_there_with_and_without_the_script(site, opened):
    written = leaders((site / "index.html").read_text(encoding="utf-8"))
    page = opened()
    assert [row[0] for row in written] == ["elr", "gce", "cross_entropy", "co_teaching ×2", "sce"]
    assert leaders(page) == written
    assert re.search(r'<form class="filters" hidden', (site / "index.html").read_text(encoding="utf-8"))
    assert not re.search(r'<form class="filters" hidden', page)


def test_the_address_filters_and_each_number_then_leads_to_its_trials(site, opened):
    page = opened("#minilm-frozen&corpus=trec&kind=symmetric&rate=0.4")
    found = leaders(page)
    assert "Means over 1 cell of 1 corpus" in page
    assert [row[1] for row in found] == ["1", "2", "3", "4", "5"]
    assert found != leaders((site / "index.html").read_text(encoding="utf-8"))
    for method, _, _, address in found:
        text = (site / address).read_text(encoding="utf-8")
        assert f"<title>{method.split()[0]} on trec under symmetric(0.4)</title>" in text


def test_a_choice_without_a_cell_says_so(opened):
    page = opened("#minilm-frozen&corpus=trec&kind=asymmetric&rate=0.2")
    assert leaders(page) == []
    assert "No cell is like that." in page


def test_an_address_that_names_nothing_shows_all(site, opened):
    assert leaders(opened("#minilm-frozen&corpus=nowhere")) == leaders((site / "index.html").read_text("utf-8"))
