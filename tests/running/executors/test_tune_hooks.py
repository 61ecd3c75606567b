"""What Ray Tune is fed with, without a Ray."""

import threading

import pytest
from ray.tune.search import Searcher

from benchmark.running.executors.tune_hooks import Feed


@pytest.fixture
def feed():
    return Feed(threading.Event())


def test_tasks_that_come_later_start_earlier(feed):
    feed.add([(0, "training"), (1, "alone")])
    assert feed.suggest("first")["number"] == 0
    feed.add([(2, "reads"), (3, "reads, too")])
    assert [feed.suggest(f"then {place}")["number"] for place in range(3)] == [2, 3, 1]


def test_a_free_worker_waits_for_nothing_while_another_works(feed):
    feed.add([(0, "training")])
    feed.suggest("first")
    assert feed.suggest("second") is None


def test_where_no_worker_works_the_next_task_is_waited_for(feed):
    feed.add([(0, "training")])
    feed.suggest("first")
    feed.on_trial_complete("first")
    threading.Timer(0.1, feed.add, [[(1, "reads")]]).start()
    assert feed.suggest("second") == {"number": 1, "task": "reads"}


def test_no_task_starts_once_the_run_is_over(feed):
    feed.add([(0, "a task")])
    threading.Timer(0.1, feed.end).start()
    feed.over.wait()
    assert feed.suggest("first") == Searcher.FINISHED


def test_the_end_of_a_run_is_noticed_while_a_task_is_waited_for(feed):
    threading.Timer(0.1, feed.end).start()
    assert feed.suggest("first") == Searcher.FINISHED


def test_an_outcome_counts_once(feed):
    feed.add([(0, "a task")])
    feed.suggest("first")
    assert [feed.take(0), feed.take(0)] == [True, False]
