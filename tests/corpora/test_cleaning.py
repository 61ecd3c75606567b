import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora import Split
from benchmark.corpora.cleaning import clean, parse_step


def split_of(*texts: str, ids: tuple[str, ...] | None = None) -> Split:
    labels = np.zeros(len(texts), dtype=np.int64)
    return Split(ids or tuple(map(str, range(len(texts)))), texts, labels, {"weak": np.arange(len(texts))})


def test_steps_apply_in_order_and_keep_labels_with_their_rows():
    cleaned, dropped = clean(
        {"train": split_of("x A  b", "y", "z C")}, {"train": ("strip_first_word", "drop_empty", "lower_case")}
    )
    assert cleaned["train"].texts == ("a  b", "c")
    assert cleaned["train"].observed["weak"].tolist() == [0, 2]
    assert dropped == {"train": {"drop_empty": 1}}


def test_ids_in_a_range_are_dropped_by_number_not_by_spelling():
    cleaned, _ = clean({"train": split_of(*"abcd", ids=("9", "10", "11", "100"))}, {"train": ("drop_ids(10-11)",)})
    assert cleaned["train"].ids == ("9", "100")


def test_of_duplicates_the_smallest_id_stays_whatever_the_order():
    rows = split_of("A b.", "a  B", "c", ids=("2", "1", "3"))
    turned = rows.rows(np.array([1, 2, 0]))
    kept = [clean({"train": it}, {"train": ("drop_duplicate_texts",)})[0]["train"].ids for it in (rows, turned)]
    assert sorted(kept[0]) == sorted(kept[1]) == ["1", "3"]


def test_train_is_compared_with_test_as_it_is_after_cleaning():
    cleaned, dropped = clean(
        {"train": split_of("how far", "who"), "test": split_of("dist How far")},
        {"test": ("strip_first_word",), "train": ("drop_texts_of(test)",)},
    )
    assert cleaned["train"].texts == ("who",)
    assert dropped["train"] == {"drop_texts_of(test)": 1}


def test_an_unknown_step_names_the_nearest():
    with pytest.raises(UnknownNameError, match=r"'lowercase'.*'lower_case'"):
        parse_step("lowercase")


@pytest.mark.parametrize("step", ["drop_ids", "lower_case(1)", "drop_ids(a)", "drop_texts_of(valid)"])
def test_wrong_arguments_of_a_step_are_errors(step):
    with pytest.raises(BenchmarkError):
        clean({"train": split_of("a")}, {"train": (step,)})


def test_cleaning_a_split_that_is_not_there_is_an_error():
    with pytest.raises(BenchmarkError, match="'valid'"):
        clean({"train": split_of("a")}, {"valid": ("lower_case",)})
