import subprocess
from pathlib import Path

import pytest

from benchmark.analysis.overview import MOST_LINES
from benchmark.analysis.report import table_text
from benchmark.api import load_records

ROOT = Path(__file__).parents[2]
MEASURED = sorted(ROOT.joinpath("results/measured").glob("*/records.parquet"))
KEPT = {".json", ".md", ".parquet", ".png"}
MOST_BYTES = 18_000_000
WIDEST = 160


@pytest.mark.parametrize("archive", MEASURED, ids=lambda path: path.parent.name)
def test_a_committed_table_comes_back_from_its_archive(archive):
    assert table_text(load_records(archive)) == archive.with_name("table.md").read_text(), "make tables"


@pytest.mark.parametrize("archive", MEASURED, ids=lambda path: path.parent.name)
def test_a_committed_table_is_short_and_narrow(archive):
    lines = archive.with_name("table.md").read_text().splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST


def test_the_tracked_tree_is_small_and_holds_of_measurements_what_cannot_be_rebuilt():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no checkout of the repository")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    rebuilt = [path for path in paths if "measured" in path.parts and path.suffix not in KEPT | {".csv"}]
    assert not rebuilt
    assert sum(path.stat().st_size for path in paths if path.exists()) <= MOST_BYTES
