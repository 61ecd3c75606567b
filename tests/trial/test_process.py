"""What a process does between two trials."""

import ctypes
import gc
import weakref

import pytest
import torch

from benchmark.records.machine import peak_memory_mib, reset_peak_memory
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


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc returns what was freed")
def test_the_peak_memory_of_a_trial_is_not_that_of_the_one_before(left_once):
    """Small tensors lie in the heap, which keeps the place of those that are freed."""
    reset_peak_memory()
    before = peak_memory_mib()
    kept = [torch.zeros(4_000) for _ in range(20_000)]
    at_once = peak_memory_mib()
    last = kept.pop()
    del kept
    leave_clean()
    reset_peak_memory()
    assert at_once > before + 250
    assert peak_memory_mib() < before + 100
    assert len(last) == 4_000
