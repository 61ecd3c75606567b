"""What a process does between two trials."""

import gc
import weakref

import pytest

from benchmark.trial.process import keep_what_is_imported, leave_clean


class Node:
    """An object that may refer to itself."""


@pytest.fixture
def left_once():
    """A process in which one trial has ended."""
    gc.unfreeze()
    keep_what_is_imported.cache_clear()
    leave_clean()
    yield
    gc.unfreeze()
    keep_what_is_imported.cache_clear()


def test_what_the_first_trial_left_is_walked_through_once(left_once):
    assert gc.get_freeze_count() > len(gc.get_objects())


def test_what_later_trials_leave_is_not_kept(left_once):
    before = gc.get_freeze_count()
    leave_clean()
    assert gc.get_freeze_count() == before


def test_cycles_of_later_trials_are_freed(left_once):
    gc.disable()
    try:
        node = Node()
        node.itself = node
        seen = weakref.ref(node)
        del node
        assert seen() is not None
        leave_clean()
        assert seen() is None
    finally:
        gc.enable()
