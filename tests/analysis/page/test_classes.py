import numpy as np
import pytest

from benchmark.analysis.page.front import front
from benchmark.analysis.points import details_of
from benchmark.records.schema import HEADLINE_RULES

METHODS = ["cross_entropy", "elr", "gce"]
NAMES = ["angry", "sad", "glad"]
RIGHT = {"cross_entropy": 6, "elr": 8, "gce": 7}


def confusion(right):
    """Of ten texts of each class those that are right; the rest goes to the next."""
    return (right * np.eye(3, dtype=int) + (10 - right) * np.roll(np.eye(3, dtype=int), 1, axis=1)).tolist()


def with_classes(record, names=NAMES):
    counts = confusion(RIGHT[record.method])
    chosen = {
        rule: selection.model_copy(update={"confusion": counts}) if rule in HEADLINE_RULES else selection
        for rule, selection in record.selections.items()
    }
    manifest = record.manifest.model_copy(update={"label_names": names})
    return record.model_copy(update={"selections": chosen, "manifest": manifest})


@pytest.fixture
def records(factory):
    factory.skills = {"elr": 1.0}
    return [with_classes(one) for one in factory.grid(METHODS, ["symmetric(0.2)", "symmetric(0.4)"], [1, 2, 3, 4, 5])]


@pytest.fixture
def front_of(result_set_of):
    def make(records):
        results = result_set_of(records)
        object.__setattr__(results, "details", details_of(records))
        return front(results, [])

    return make


def test_accuracy_and_confusion_of_the_recommended_method_stand_by_the_names_of_the_classes(records, front_of):
    (table,) = front_of(records).classes
    assert [row.label for row in table.rows] == NAMES
    assert [column.name for column in table.columns] == ["% of texts", "elr", "cross_entropy", "gain", *NAMES]
    assert [cell.text for cell in table.rows[0].cells] == ["33.3", "80.0", "60.0", "+20.0", "–", "20.0", "0.0"]


def test_without_names_classes_have_numbers(records, front_of):
    (table,) = front_of([with_classes(record, None) for record in records]).classes
    assert [row.label for row in table.rows] == ["class 0", "class 1", "class 2"]


def test_records_that_lack_it_make_no_table_and_the_page_says_why(factory, front_of):
    found = front_of(factory.grid(METHODS, ["symmetric(0.2)"], [1, 2, 3]))
    assert found.classes == ()
    assert "which class was predicted" in found.absent


def test_one_trial_without_it_is_enough_to_leave_it_out(records, factory, front_of):
    older = next(record for record in records if record.method == "elr")
    bare = {rule: one.model_copy(update={"confusion": None}) for rule, one in older.selections.items()}
    others = [record for record in records if record is not older]
    assert front_of([*others, older.model_copy(update={"selections": bare})]).classes == ()
