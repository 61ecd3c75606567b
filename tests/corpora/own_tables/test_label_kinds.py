import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.own_tables.label_kinds import label_kinds

COMPOSED, DECOMPOSED = "livr\u00e9", "livre\u0301"


def classes(labels, clean=(), **options):
    """The class of each distinct label."""
    kinds = label_kinds(labels, clean, **options)
    return {label: kinds.class_of(label) for label in labels}


def test_two_unicode_forms_of_one_name_are_one_class():
    found = classes([COMPOSED, DECOMPOSED])
    assert set(found.values()) == {COMPOSED}


@pytest.mark.parametrize("written", ["good\u00a0", "\ufeffgood", "good\u200b"])
def test_invisible_signs_around_a_name_are_no_part_of_it(written):
    assert classes(["good", written])[written] == "good"


@pytest.mark.parametrize("written", ["1.0", "1.00", "1,0", "1"])
def test_forms_of_a_whole_number_are_one_class(written):
    assert classes([written, "2", "0"])[written] == "1"


@pytest.mark.parametrize("labels", [["1.0", "good"], ["1.5", "2.5"], ["01", "1"], ["1", "7e3"]])
def test_names_that_only_look_like_numbers_stay_as_they_are(labels):
    assert classes(labels) == {label: label for label in labels}


@pytest.mark.parametrize("labels", [["1,000", "1", "2"], ["1.000", "2.000", "2"], ["10,000", "1,0"]])
def test_what_may_be_a_thousand_is_never_one(labels):
    assert classes(labels) == {label: label for label in labels}


def test_three_decimals_are_those_of_whole_numbers_where_a_zero_has_them():
    assert classes(["1.000", "0.000", "1"]) == {"1.000": "1", "0.000": "0", "1": "1"}


@pytest.mark.parametrize("code", ["nan", "NaN", "NULL", "#N/A", "\\N", "none", "None", "NA", "-1"])
def test_codes_for_no_label_are_no_class(code):
    labels = [code, "0", "2"] if code == "-1" else [code, "good", "bad"]
    assert classes(labels)[code] == ""


@pytest.mark.parametrize("code", ["none", "-1"])
def test_a_code_that_a_trusted_label_has_is_a_class(code):
    assert classes([code, "2"], clean=[code, "2"])[code] == code


def test_a_code_that_no_trusted_label_has_is_no_class():
    assert classes(["-1", "0", "1"], clean=["0", "1"])["-1"] == ""


def test_minus_one_zero_and_one_are_asked_about():
    with pytest.raises(BenchmarkError, match="--no-label=-1"):
        label_kinds(["-1", "0", "1"], ())


@pytest.mark.parametrize(("given", "found"), [(("-1",), ""), (("",), "-1")])
def test_the_user_says_what_is_no_label(given, found):
    assert classes(["-1", "0", "1"], no_label=given)["-1"] == found


def test_classes_that_differ_in_case_alone_are_named_and_kept_apart():
    kinds = label_kinds(["Spam", "spam", "spam", "ham"], ())
    assert kinds.cases == (("spam", "Spam"),)
    assert kinds.class_of("Spam") == "Spam"


def test_classes_that_differ_in_case_alone_are_joined_where_that_is_asked_for():
    assert classes(["Spam", "spam", "spam", "ham"], fold_case=True) == {"Spam": "spam", "spam": "spam", "ham": "ham"}


@pytest.mark.parametrize("cell", ["good;bad", "good, bad", "good|bad", "['good', 'bad']", '["good", "new"]'])
def test_a_cell_that_lists_classes_names_several(cell):
    assert label_kinds([cell, "good", "bad"], ()).several == {cell}


@pytest.mark.parametrize("cell", ["food, drink", "and/or", "good;excellent"])
def test_a_name_with_a_comma_is_one_class(cell):
    assert label_kinds([cell, "good", "bad"], ()).several == frozenset()


def test_a_list_of_one_is_its_member():
    assert classes(["['good']", "bad"])["['good']"] == "good"


@pytest.mark.parametrize("cell", ["good;good", "good | good", "['good', 'good']"])
def test_a_cell_that_lists_one_class_twice_is_that_class(cell):
    found = label_kinds([cell, "good", "bad"], ())
    assert found.several == frozenset()
    assert found.class_of(cell) == "good"
