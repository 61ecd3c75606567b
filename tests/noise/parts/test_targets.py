"""Models that flip each class to one other: hub, super-classes, similar classes; and
symmetric including self.
"""

import dataclasses

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, noise_from
from noise.similar import class_means, most_similar
from tests.support.noise_examples import inputs_for, labels_of

NEWS = ("alt.atheism", "comp.graphics", "comp.windows.x", "rec.autos", "rec.motorcycles", "rec.sport.hockey")


def corrupted(text, clean, classes, **changes):
    model = noise_from(text)
    return model.corrupt(dataclasses.replace(inputs_for(model, clean, classes=classes), **changes))


def test_classes_of_one_prefix_are_taken_for_the_next_of_their_group_and_a_class_alone_keeps_its_labels():
    clean = labels_of(1200, 6)
    noisy = corrupted("superclass(0.4)", clean, 6, label_names=NEWS)
    targets = {k: set(noisy[(clean == k) & (noisy != clean)]) for k in range(6)}
    assert targets == {0: set(), 1: {2}, 2: {1}, 3: {4}, 4: {5}, 5: {3}}
    wrong = np.bincount(clean[noisy != clean], minlength=6) / np.bincount(clean)
    assert np.abs(wrong[1:] - 0.4).max() < 0.01


def test_listed_groups_are_cyclic_in_the_order_in_which_they_are_listed():
    matrix = noise_from("superclass(0.3,groups=2-0/1-3)").transition_matrix(5)
    assert np.allclose(matrix[0], [0.7, 0, 0.3, 0, 0])
    assert np.allclose(matrix[1], [0, 0.7, 0, 0.3, 0])
    assert matrix[4].tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("prefix", "no two classes are of one group. The classes are a, b, c"),
        ("0-1/1-2", "class 1 twice"),
        ("0-7", "class 7; classes are numbered from 0 to 2"),
        ("0-x", "superclass.groups is '0-x'"),
        ("0/1", "no two classes"),
    ],
)
def test_groups_that_do_not_fit_the_classes_are_errors(groups, message):
    with pytest.raises(BenchmarkError, match=message):
        noise_from(f"superclass(0.4,groups={groups})").check(("a", "b", "c"))


def test_every_class_but_the_hub_loses_its_share_to_the_hub():
    clean = labels_of(1000, 4)
    noisy = corrupted("hub(0.3,to=2)", clean, 4)
    assert set(noisy[noisy != clean]) == {2}
    assert (noisy[clean == 2] == 2).all()
    with pytest.raises(BenchmarkError, match=r"hub.to is 4 .* 3"):
        noise_from("hub(0.3,to=4)").check(tuple("abcd"))


def test_relabelling_that_includes_self_turns_the_effective_share_wrong():
    clean = np.repeat(np.arange(4), 300)
    noisy = corrupted("uniform(0.4)", clean, 4)
    assert (noisy != clean).sum() == 360
    assert np.allclose(np.diag(noise_from("uniform(0.4)").transition_matrix(4)), 1 - 0.4 + 0.1)
    assert noise_from("uniform(0.99)").rate_bound(4) == 1.0


def test_a_class_becomes_the_one_whose_mean_lies_in_its_direction():
    centres = 6 * np.array([[1.0, 0.1, 0], [0.1, 1, 0], [0.9, 0.4, 0], [0, 0, 1.0]])
    clean = labels_of(2000, 4)
    features = centres[clean] + np.random.default_rng(0).standard_normal((2000, 3))
    noisy = corrupted("similar(0.4)", clean, 4, features=features)
    found = {k: set(noisy[(clean == k) & (noisy != clean)]) for k in range(4)}
    assert found == {0: {2}, 1: {2}, 2: {0}, 3: {1}}


def test_large_classes_do_not_all_resemble_the_rarest_one():
    # Centred by examples, the two large classes lie opposite each other and the rare one between them.
    means = np.array([[1.0, 0.0], [-1.0, 0.2], [-1.0, -0.2], [0.0, 20.0]])
    assert most_similar(means).tolist()[1:3] == [2, 1]


def test_validation_flips_to_what_the_training_texts_resemble():
    model, clean = noise_from("similar(0.4)"), labels_of(400, 3)
    training = inputs_for(model, clean, classes=3, features=np.eye(3)[clean] @ np.array([[1, 0], [0.9, 0.5], [-1, 0]]))
    valid = inputs_for(model, clean, classes=3, split="valid", features=np.eye(3)[(clean + 1) % 3])
    alone = model.corrupt(training)
    noisy = model.corrupt(dataclasses.replace(valid, training=training))
    both = [{k: set(labels[(clean == k) & (labels != clean)]) for k in range(3)} for labels in (alone, noisy)]
    assert both[0] == both[1]
    assert (noisy != alone).any()


def test_a_class_without_examples_has_no_mean_and_no_features_are_an_error():
    means = class_means(np.ones((4, 2)), np.array([0, 0, 2, 2]), np.arange(4), 3)
    assert np.isnan(means[1]).all()
    assert means[0].tolist() == [1, 1]
    with pytest.raises(BenchmarkError, match="features"):
        corrupted("similar(0.4)", labels_of(10, 3), 3, features=None)
