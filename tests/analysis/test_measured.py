from pathlib import Path

import pytest

from benchmark.analysis.report import write_report
from benchmark.api import load_records

MEASURED = sorted(Path(__file__).parents[2].joinpath("results/measured").glob("*/records.parquet"))
REBUILT = ("*.csv", "*.md", "*.tex")


@pytest.mark.parametrize("archive", MEASURED, ids=lambda path: path.parent.name)
def test_committed_tables_come_back_byte_for_byte_from_their_archive(archive, tmp_path):
    committed = [path for pattern in REBUILT for path in archive.parent.glob(pattern)]
    assert committed, f"{archive} has no report beside it: make tables"

    write_report(load_records(archive), tmp_path)

    changed = [path.name for path in committed if path.read_bytes() != (tmp_path / path.name).read_bytes()]
    assert not changed, f"{changed} are not what {archive} gives: make tables"
