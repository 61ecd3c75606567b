"""`site` writes pages that hold together, in a folder of its own and in no other."""

import html.parser
import re
import shutil
from pathlib import Path

import pytest

from benchmark.records.archive.packing import write_archive
from tests.support.records import Factory

EVIL = "<script>alert(1)</script>_%&"
METHODS = ("cross_entropy", "elr", "gce", "sce", EVIL)


class Page(html.parser.HTMLParser):
    """What leads away from a page, what can be led to, and its text."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names, self.texts, self.elements = [], set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.elements.append(tag)
        if "href" in given:
            self.links.append(given["href"])
        if "id" in given:
            self.names.add(given["id"])

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def records():
    factory = Factory(skills={"elr": 0.6, "gce": 0.2, "sce": -0.9})
    made = factory.grid(METHODS, ["clean()", "symmetric(0.4)", "asymmetric(0.4)"], [1, 2, 3], ["trec", "agnews"])
    return [*made, factory.record("gce", "symmetric(0.4)", 4, status="failed")]


@pytest.fixture
def archive(records, tmp_path):
    write_archive(records, tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return tmp_path_factory.mktemp("built") / "site"


@pytest.fixture
def site(command, archive, built, tmp_path):
    """The site of the archive, made once; a copy that a test may change."""
    if not built.exists():
        ended = command("site", built, archive)
        assert ended.code == 0, ended.err
    return Path(shutil.copytree(built, tmp_path / "site"))


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_link_of_every_page_leads_to_a_page_and_to_a_place_on_it(site):
    pages = {path: Page(path) for path in site.rglob("*.html")}
    assert len(pages) == 1 + 5 + 6 + 30
    for path, page in pages.items():
        for link in page.links:
            address, _, name = link.partition("#")
            target = (path.parent / address).resolve() if address else path
            assert target.is_file(), (path, link)
            assert not name or name in pages[target].names, (path, link)


def test_numbers_lead_to_the_trials_behind_them(site, records):
    text = (site / "methods" / "elr.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="\.\./(trials/[^"#]+)"', text))
    assert len(linked) == 6
    trials = {record.trial for record in records if record.method == "elr"}
    found = {trial for path in linked for trial in trials if trial in (site / path).read_text(encoding="utf-8")}
    assert found == trials


def test_a_trial_is_told_in_the_words_of_explain(command, site, archive, records):
    record = next(record for record in records if record.method == "elr" and record.noise == "symmetric(0.4)")
    told = command("explain", record.trial, "--from", archive).out
    (page,) = [path for path in (site / "trials").iterdir() if record.trial in path.read_text(encoding="utf-8")]
    cell = (site / "cells" / f"{record.cell}.html").read_text(encoding="utf-8")
    shown = "".join([*Page(page).texts, cell])
    lines = [line for line in told.partition("\nconfig\n")[2].partition("\nseeds\n")[0].splitlines() if line.strip()]
    assert len(lines) > 40
    assert [line for line in lines if line not in shown] == []
    assert f"--trial {record.trial}" in shown


def test_a_method_page_holds_equation_source_departures_wins_and_what_broke_it(site):
    text = " ".join("".join(Page(site / "methods" / "gce.html").texts).split())
    for words in ("(1 - p_y^q) / q", "zhang2018gce", "methods/gce.py", "The plain form is the default.", "q = 0.7"):
        assert words in text
    assert "Wins most on" in text
    broken = " ".join("".join(Page(site / "methods" / "sce.html").texts).split())
    assert "Breaks, three points or more below cross_entropy" in broken


def test_a_method_that_is_not_registered_has_a_page_and_its_name_is_text(site):
    index = Page(site / "index.html")
    assert EVIL in "".join(index.texts)
    assert index.elements.count("script") == 2
    (page,) = [path for path in (site / "methods").iterdir() if "script" in path.name]
    assert "script" not in Page(page).elements
    assert "plug-in" in "".join(Page(page).texts)


def test_pages_load_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


def test_the_same_records_give_the_same_bytes_in_whatever_archives_they_lie(command, archive, records, tmp_path):
    assert command("site", tmp_path / "once", archive).code == 0
    write_archive(records[::-1], archive)
    assert command("site", tmp_path / "again", archive).code == 0
    assert files(tmp_path / "again") == files(tmp_path / "once")


def test_an_earlier_site_is_replaced_as_a_whole(command, site, records, tmp_path):
    few = [record for record in records if record.method in METHODS[:2]]
    write_archive(few, tmp_path / "b.parquet")
    assert command("site", site, tmp_path / "b.parquet").code == 0
    assert {path.name for path in (site / "methods").iterdir()} == {"cross-entropy.html", "elr.html"}
    assert {path.name for path in tmp_path.iterdir()} == {"a.parquet", "b.parquet", "site"}


def test_a_folder_with_other_files_is_left_as_it_is(refused, archive, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert "mine" in refused("site", mine, archive)
    assert files(mine) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize("change", ["added", "changed"])
def test_a_site_that_somebody_changed_is_not_overwritten(refused, site, archive, change):
    path = site / ("notes.txt" if change == "added" else "methods/elr.html")
    path.write_text("mine")
    before = files(site)
    assert path.name in refused("site", site, archive)
    assert files(site) == before


def test_a_file_in_place_of_the_folder_and_unknown_names_are_refused(refused, archive, tmp_path):
    (tmp_path / "file").write_text("")
    assert "no folder" in refused("site", tmp_path / "file", archive)
    assert "gec" in refused("site", tmp_path / "new", archive, "--reference", "gec")
    assert "none.parquet" in refused("site", tmp_path / "new", tmp_path / "none.parquet")
    write_archive([], tmp_path / "empty.parquet")
    assert "no records" in refused("site", tmp_path / "new", tmp_path / "empty.parquet")
    assert not (tmp_path / "new").exists()
