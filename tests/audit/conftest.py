"""Golden cases that the tests of detectors share."""

from pathlib import Path

from tests.support.golden_cases import add_marker, parametrize_by_case


def pytest_configure(config):
    add_marker(config)


def pytest_generate_tests(metafunc):
    parametrize_by_case(metafunc, Path(__file__).parent / "golden")
