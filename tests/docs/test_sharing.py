"""The trial that the manual's page on sharing shows is in the archive that it names."""

import re
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.findall(
    r"(?:explain|--trial) (\w{8}) --(?:from|source) (\S+)", (ROOT / "docs" / "sharing.md").read_text(encoding="utf-8")
)


def test_the_shown_trial_is_one_of_its_archive():
    assert len(SHOWN) == 2
    for trial, archive in SHOWN:
        trials = pd.read_parquet(ROOT / archive, columns=["trial"])["trial"]
        assert trials.str.startswith(trial).sum() == 1
