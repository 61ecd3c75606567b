import json
import re
from pathlib import Path

import pandas as pd
import pytest

from benchmark.analysis import expectations
from benchmark.analysis.expectations import Expectation, expectation_lines, expectations_of, measured_in

RULES = ("last", "noisy_valid")


@pytest.mark.parametrize("archive", ["fine-tuned-minilm-trec", "fine-tuned-minilm-paper"])
def test_what_is_written_is_what_an_archive_gives(archive):
    measured = measured_in(expectations.MEASURED / archive)
    written = json.loads(expectations.FILE.read_text(encoding="utf-8"))
    assert measured
    assert measured == {
        method: mine for method in written if (mine := [e for e in expectations_of(method) if e.archive == archive])
    }, "make tables"


@pytest.mark.parametrize("rule", RULES)
def test_gains_are_those_of_blocks_counted_by_hand(rule):
    columns = ["method", "corpus", "noise", f"{rule}_test_accuracy"]
    records = pd.read_parquet(expectations.MEASURED / "full-frozen-minilm" / "records.parquet", columns=columns)
    noisy = records[records["noise"] != "clean()"].assign(kind=lambda frame: frame["noise"].map(without_rate))
    cells = noisy.groupby(["method", "corpus", "kind", "noise"])[columns[-1]].mean()
    blocks = cells.groupby(["method", "corpus", "kind"]).mean().unstack("method")
    for method in ("dygen", "gce", "npc"):
        gain = 100 * (blocks[method] - blocks["cross_entropy"]).mean()
        written = [each for each in expectations_of(method) if each.archive == "full-frozen-minilm"]
        assert [getattr(each, rule) for each in written] == [pytest.approx(gain, abs=0.051)]
        assert [each.blocks for each in written] == [len(blocks)]


def without_rate(noise):
    return re.sub(r"\([\d.]+\)$", "", noise)


@pytest.fixture
def written(monkeypatch):
    each = Expectation("somewhere", "frozen:tiny", 1, blocks=1, last=-2.04, noisy_valid=3.0, seconds=None)
    monkeypatch.setattr(expectations, "_written", lambda: {"elr": [each]})


@pytest.mark.usefixtures("written")
def test_a_line_names_archive_encoder_and_both_gains():
    text = "\n".join(expectation_lines("elr", version=1))
    for shown in ("somewhere", "frozen:tiny", "1 block:", "-2.0", "+3.0"):
        assert shown in text
    assert "seconds" not in text


@pytest.mark.usefixtures("written")
def test_numbers_of_an_older_version_say_so():
    assert "version 1; now 2" in "\n".join(expectation_lines("elr", version=2))


@pytest.mark.usefixtures("written")
def test_nothing_is_said_of_a_method_that_was_not_measured():
    assert list(expectation_lines("gce", version=1)) == []


def test_every_archive_that_is_read_is_committed():
    missing = [name for name in expectations.ARCHIVES if not Path(expectations.MEASURED / name).is_dir()]
    assert missing == []


def test_explain_shows_what_a_method_gained(capsys, monkeypatch):
    import sys

    from benchmark.cli import main

    monkeypatch.setattr(sys, "argv", ["benchmark", "explain", "gce"])
    with pytest.raises(SystemExit):
        main()
    assert "full-frozen-minilm, encoder frozen:minilm, 16 blocks" in capsys.readouterr().out
