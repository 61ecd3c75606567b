"""What a trial is charged for a training that it shares."""

from benchmark.training.costs import Counts, Spent


def test_a_trial_takes_the_seconds_that_its_shared_training_spared_it():
    counts = Counts()
    counts.charge("train", Spent(3.0))
    counts.charge("observe", Spent(0.5))
    assert counts.wall_s(1.0) == 4.5


def test_parts_of_one_phase_add_up():
    counts = Counts(seconds={"train": 1.0})
    counts.charge("train", Spent(3.0, 20, 10))
    counts.charge("train", Spent(0.5, 2, 1))
    assert counts.seconds == {"train": 4.5}
    assert (counts.forward_texts, counts.backward_texts) == (22, 11)
