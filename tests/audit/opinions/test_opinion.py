"""What is thought of labels on which annotators vote, before and after a review."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.audit.count import Count
from benchmark.audit.opinions.opinion import Opinion, count_wrong


def by_votes(of_given, consensus=None):
    """The opinion of rows whose votes outweigh the models."""
    telling = SimpleNamespace(is_telling=True, labels=consensus)
    given = np.asarray(of_given)
    return Opinion(classes=None, of_given=given, score=-given, others=None, surest=None, consensus=telling)


@pytest.mark.parametrize(("quality", "bounds"), [(0.9, (0.1, 0.25)), (0.5, (0.25, 0.5))])
def test_votes_alone_give_a_range_from_the_lower_to_the_higher_answer(quality, bounds):
    """One of four labels is outvoted, and each is wrong with one minus its quality."""
    labels = np.array([0, 1, 0, 1])
    opinion = by_votes([quality] * 4, consensus=np.array([0, 1, 0, 0]))
    found = count_wrong(opinion, SimpleNamespace(held_out=object()), None, labels, 2, [])
    assert (found.lowest, found.highest) == pytest.approx(bounds)
    assert found.share == pytest.approx(1 - quality)
    assert not found.reliable


def test_votes_tell_how_likely_labels_are_wrong_until_rows_are_reviewed():
    of_given, count = np.linspace(0.2, 0.6, 100), Count(0.1, 0.05, 0.2, True, 50)
    alone = by_votes(of_given).p_wrong(count, {})
    np.testing.assert_allclose(alone, 1 - of_given)
    reviewed = by_votes(of_given).p_wrong(count, {0: True, 50: False, 99: False})
    assert reviewed[[0, 50, 99]].tolist() == [1.0, 0.0, 0.0]
    assert reviewed[1:50].mean() < 0.3
