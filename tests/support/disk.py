"""Writes in tests are not waited for until they lie on the disk."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def disk_not_waited_for():
    """What a test writes need not outlive a power cut, and the disk takes milliseconds
    for each file.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)  # it still refuses a file that is closed
        yield
