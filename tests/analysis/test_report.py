import base64
import random
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from benchmark.analysis.html import within_room
from benchmark.analysis.report import write_report
from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from tests.support.figures import in_every_format
from tests.support.records import Factory

EVIL = "<script>alert(1)</script>_%&"
NOISES = ["clean()", "symmetric(0.2)", "symmetric(0.4)"]
VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Elements, their addresses and whether every element is closed in turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.addresses, self.ids = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def records():
    factory = Factory()
    factory.skills = {"elr": 0.5}
    factory.networks = {"co_teaching": 2}
    found = factory.grid(["cross_entropy", "elr", "co_teaching", EVIL], NOISES, [1, 2, 3])
    return [*found, factory.record("gce", status="failed"), factory.record("elr", labels="other")]


@pytest.fixture(scope="module")
def report(records, tmp_path_factory):
    """The report on these records, which several tests read."""
    with in_every_format():
        return write_report(records, tmp_path_factory.mktemp("report"))


def test_a_report_holds_every_promised_file(report):
    names = {"results.csv", "comparisons.csv", "results.parquet", "table.md", "table.tex", "report.html", "summary.txt"}
    assert names < set(report.paths)
    assert {path.suffix for name, path in report.paths.items() if name.startswith("figures/")} == {
        ".png",
        ".svg",
        ".pdf",
    }
    assert all(path.stat().st_size for path in report.paths.values())
    assert {path.read_bytes()[:4] for name, path in report.paths.items() if name.endswith(".png")} == {b"\x89PNG"}
    assert {path.read_bytes()[:4] for name, path in report.paths.items() if name.endswith(".pdf")} == {b"%PDF"}
    assert "Compared: 5 methods" in report.summary
    assert "cannot decide" in report.paths["table.md"].read_text()
    assert "| cross_entropy" in str(report)


@pytest.mark.usefixtures("every_format")
def test_the_same_records_in_another_order_give_the_same_bytes(report, records, tmp_path):
    second = write_report(random.Random(0).sample(records, len(records)), tmp_path)
    assert report.paths.keys() == second.paths.keys()
    for name in report.paths:
        assert report.paths[name].read_bytes() == second.paths[name].read_bytes(), name


def test_the_page_escapes_names_and_loads_nothing(report):
    text = report.paths["report.html"].read_text()
    page = Page(text)
    assert page.tags.count("script") == 1
    assert text.count("alert(1)") == text.count("&lt;script&gt;alert(1)&lt;/")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;_%&amp;" in text
    assert all(address.startswith(("data:image/svg+xml;base64,", "#")) for address in page.addresses)
    assert len(page.ids) == len(set(page.ids))
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= set(page.ids)
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_says_what_failed_what_was_kept_apart_and_under_which_code(report):
    text = report.paths["report.html"].read_text()
    for words in ("loss is not finite", "kept apart", "How to read this", "abc123", "torch 2.8.0"):
        assert words in text


def test_figures_that_find_no_room_are_named_instead(records, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.analysis.html.within_room", lambda figures: within_room(figures, 150_000))
    report = write_report(records, tmp_path)
    text = report.paths["report.html"].read_text()
    drawn = [name for name in report.paths if name.endswith(".svg") and "cost-by" not in name]
    assert 0 < text.count("<img ") < len(drawn)
    assert text.count("<figure>") == len(drawn)
    assert text.count("no room left") == len(drawn) - text.count("<img ")
    Page(text)


def test_figures_are_well_formed_and_carry_no_date(report):
    svg = next(path for name, path in report.paths.items() if name.endswith(".svg"))
    ElementTree.parse(svg)
    assert "<dc:date>" not in svg.read_text()
    inline = re.search(r"data:image/svg\+xml;base64,([^\"]+)", report.paths["report.html"].read_text())
    assert base64.b64decode(inline[1]) == svg.read_bytes()


@pytest.mark.usefixtures("every_format")
def test_names_that_plotting_would_swallow_or_parse_are_drawn(factory, tmp_path):
    records = factory.grid(["cross_entropy", "_hidden", "$x_1$", "$"], NOISES, [1, 2], corpora=["../a$b"])
    report = write_report(records, tmp_path)
    assert "figures/accuracy-by-rate-a-b.svg" in report.paths


def test_an_unknown_reference_is_refused_with_a_suggestion(records, tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'cross_entropy'"):
        write_report(records, tmp_path, reference="cross_entopy")


def test_no_records_are_refused(tmp_path):
    with pytest.raises(BenchmarkError, match="no records"):
        write_report([], tmp_path)


def test_a_report_on_failures_alone_names_them(factory, tmp_path):
    report = write_report([factory.record(status="failed", manifest=None)], tmp_path)
    assert "1 failed" in report.summary
    assert "loss is not finite" in report.paths["report.html"].read_text()


def test_a_report_on_a_single_record_makes_no_test(factory, tmp_path):
    report = write_report([factory.record()], tmp_path)
    assert "No verdict" in report.opening
    assert "No test" in report.paths["table.md"].read_text()


def test_a_report_on_trials_without_selections_or_bits_is_made(factory, tmp_path):
    records = [factory.record(m, seed=s, bits=False) for m in ("cross_entropy", "gce") for s in (1, 2)]
    text = write_report(records, tmp_path / "a").paths["table.md"].read_text()
    assert "not at hand" in text
    write_report([factory.record(rules=[])], tmp_path / "b")


def test_each_encoder_has_its_own_tables(factory, tmp_path):
    records = factory.grid(["cross_entropy", "gce"], NOISES, [1, 2])
    factory.encoder = "bert"
    report = write_report(records + factory.grid(["cross_entropy", "gce"], NOISES, [1, 2]), tmp_path)
    text = report.paths["table.md"].read_text()
    assert "## encoder bert, recipe frozen" in text
    assert "## encoder minilm, recipe frozen" in text
    assert {"bert", "minilm"} <= set(re.findall(r"\w+", report.summary))
    labels = re.findall(r"\\label\{(.*?)\}", report.paths["table.tex"].read_text())
    assert len(labels) == len(set(labels))
    Page(report.paths["report.html"].read_text())


def imported_by(module):
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_analysis_imports_neither_torch_nor_methods():
    assert not {"torch", "ray", "methods", "noise"} & imported_by("benchmark.analysis.report")


def test_the_package_itself_imports_nothing_heavy():
    assert not {"pandas", "scipy", "matplotlib", "jinja2"} & imported_by("benchmark.analysis")


def test_a_thousand_records_are_reported_within_seconds(factory, tmp_path):
    methods = ["cross_entropy", *(f"method_{i}" for i in range(9))]
    noises = [f"{kind}({rate})" for kind in ("symmetric", "asymmetric") for rate in (0.1, 0.2, 0.3, 0.4, 0.5)]
    records = factory.grid(methods, noises, range(1, 6), ["a", "b"])
    start = time.process_time()
    write_report(records, tmp_path)
    assert len(records) == 1000
    assert time.process_time() - start < 20  # about 6 s


def test_an_oracle_is_refused_as_the_reference(factory, tmp_path):
    records = [factory.record(method, seed=seed) for method in ("cross_entropy", "gce[rate=oracle]") for seed in (0, 1)]
    with pytest.raises(BenchmarkError, match="never ranked"):
        write_report(records, tmp_path, reference="gce[rate=oracle]")


@pytest.fixture
def two_encoders(factory):
    """Records of the same cells by two encoders."""
    records = factory.grid(["cross_entropy", "gce"], NOISES, [1, 2])
    factory.encoder = "bert"
    return records + factory.grid(["cross_entropy", "gce"], NOISES, [1, 2])


def test_tables_without_a_heading_name_the_encoder_where_there_are_several(two_encoders, tmp_path):
    report = write_report(two_encoders, tmp_path)
    captions = re.findall(r"\\caption\{(.*)\}", report.paths["table.tex"].read_text())
    assert len(captions) > 4
    assert len(captions) == len(set(captions))
    assert len({table.title for table in report.main}) == len(report.main)


def test_regions_of_several_encoders_have_names_of_their_own(two_encoders, tmp_path):
    report = write_report(two_encoders, tmp_path)
    names = re.findall(r'role="region" aria-label="(.*?)"', report.paths["report.html"].read_text())
    assert len(names) > 10
    assert len(names) == len(set(names))
