import pytest
import torch

from methods.shared.history import LabelWave, WrongEvents


def network(value):
    made = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(made.weight, value)
    return made


def kept_by(changes, fractions=None):
    """The number of the look whose weights are kept, after looks with so many changed
    predictions before each.
    """
    wave, predicted, watched = LabelWave(), torch.zeros(100, dtype=torch.int64), network(0.0)
    for look, changed in enumerate([0, *changes]):
        predicted = predicted.clone()
        predicted[:changed] += 1
        torch.nn.init.constant_(watched.weight, look)
        wave.look(watched, predicted, (look + 1) / 10 if fractions is None else fractions[look])
    return int(wave.weights["weight"])


@pytest.mark.parametrize(
    ("changes", "kept"), [([], 0), ([50], 1), ([50, 30, 10], 3), ([50, 30, 40, 5], 2), ([10, 20], 1), ([10, 10, 10], 3)]
)
def test_weights_are_those_before_predictions_first_change_faster(changes, kept):
    assert kept_by(changes) == kept


def test_a_longer_way_between_looks_is_no_faster_change():
    assert kept_by([30, 40], fractions=[0.1, 0.2, 0.4]) == 2
    assert kept_by([30, 40], fractions=[0.1, 0.2, 0.3]) == 1


def test_weights_are_a_copy_that_further_training_leaves():
    wave, watched = LabelWave(), network(1.0)
    wave.look(watched, torch.zeros(3), 0.5)
    torch.nn.init.constant_(watched.weight, 2.0)
    assert wave.weights["weight"].item() == 1.0


def test_wrong_events_count_predictions_unlike_the_label_of_all_or_of_some():
    events = WrongEvents(torch.tensor([0, 1, 2]))
    events.add(torch.tensor([0, 0, 0]))
    events.add(torch.tensor([1, 2]), rows=torch.tensor([2, 1]))
    assert events.counts.tolist() == [0, 2, 2]
