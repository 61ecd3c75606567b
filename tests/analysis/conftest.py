"""What the tests of analysis share: a factory of records, and result sets of some."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.result_set import ResultSet
from benchmark.records.metric_specs import metric_named
from benchmark.records.schema import Record
from tests.support.records import Factory


@pytest.fixture
def factory() -> Factory:
    return Factory()


@pytest.fixture
def result_set_of():
    """The one setting of some records, after separation."""

    def make(records: Iterable[Record], reference: str = "cross_entropy", metric: str = "accuracy") -> ResultSet:
        kept = comparable_groups(tidy(records)).kept
        encoder, recipe = kept["encoder"].iloc[0], kept["recipe"].iloc[0]
        return ResultSet(encoder, recipe, kept, reference, metric=metric_named(metric))

    return make
