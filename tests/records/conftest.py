"""Records are made by the factory of the analysis' tests."""

import pytest

from tests.analysis.conftest import Factory


@pytest.fixture
def factory() -> Factory:
    return Factory()
