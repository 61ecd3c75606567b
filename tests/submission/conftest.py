"""Records are made by the factory of the analysis' tests."""

import pytest

from tests.support.records import Factory


@pytest.fixture
def factory() -> Factory:
    return Factory()
