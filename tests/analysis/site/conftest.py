"""Settings of a site, made of records that are at hand."""

from pathlib import Path

import pytest

from benchmark.analysis.site.contents import contents_of
from tests.support.records import Factory


@pytest.fixture
def setting_of():
    """The one setting of some records."""

    def make(records):
        (setting,) = contents_of([Path("a")], lambda path: records, "cross_entropy").settings
        return setting

    return make


@pytest.fixture(scope="session")
def measured():
    """Records of four methods on two corpora under three noises and three seeds."""
    factory = Factory(skills={"elr": 0.6, "gce": 0.2, "sce": -0.9}, networks={"co_teaching": 2})
    noises = ["clean()", "symmetric(0.2)", "symmetric(0.4)", "asymmetric(0.4)"]
    return factory.grid(["cross_entropy", "elr", "gce", "sce", "co_teaching"], noises, [1, 2, 3], ["trec", "agnews"])
