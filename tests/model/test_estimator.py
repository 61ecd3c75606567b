"""The estimator is the training of a trial, with scikit-learn's manners."""

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

from benchmark.contracts import BenchmarkError
from benchmark.model.estimator import NoisyLabelClassifier
from benchmark.model.request import config_of_table
from benchmark.model.training import train_model
from benchmark.records.artefacts import ArtefactCache

DRAW = np.random.default_rng(0)
LABELS = np.array(["money", "time"])[DRAW.integers(0, 2, 60)]
WORDS = {"money": ["price", "invoice", "refund"], "time": ["late", "hour", "delay"]}
TEXTS = [f"{' '.join(DRAW.choice(WORDS[label], 3))} {number}" for number, label in enumerate(LABELS)]
CHECKS = (
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)
TINY = NoisyLabelClassifier(encoder="scratch:tiny", epochs=1, max_tokens=16)


@pytest.fixture(scope="module")
def fitted():
    return clone(TINY).set_params(epochs=8).fit(TEXTS, LABELS)


def test_it_is_the_training_of_a_trial_on_a_table_of_the_same_rows(fitted, tmp_path):
    (tmp_path / "own.csv").write_text(
        "text,label\n" + "".join(f"{a},{b}\n" for a, b in zip(TEXTS, LABELS, strict=True))
    )
    (tmp_path / "test.csv").write_text("text,label\nquite another,money\nand yet another,time\n")
    columns = {"text_columns": ["text"], "label_column": "label", "test_data": tmp_path / "test.csv", "max_tokens": 16}
    config, _ = config_of_table(tmp_path / "own.csv", "cross_entropy", "scratch:tiny", 0, columns, {"epochs": 8})
    model = train_model(config, ArtefactCache(tmp_path / "artefacts"))
    np.testing.assert_array_equal(model.predict_proba(TEXTS), fitted.predict_proba(TEXTS), strict=True)


def test_labels_of_the_training_texts_are_judged_in_their_order(fitted):
    probabilities = fitted.predict_proba(TEXTS)
    np.testing.assert_array_equal(fitted.label_quality_, probabilities[np.arange(60), (LABELS == "time").astype(int)])
    np.testing.assert_array_equal(fitted.corrected_labels_, fitted.predict(TEXTS))


def test_it_learns(fitted):
    assert fitted.score(TEXTS, LABELS) > 0.9


MANY = [LABELS.tolist(), LABELS.astype(object), (LABELS == "time") * 3, LABELS == "time"]
MANY += [pd.Series(LABELS, dtype="category"), ((LABELS == "time") * 3).astype(object)]


@pytest.mark.parametrize("labels", MANY)
def test_names_and_whole_numbers_come_back_as_they_were(labels):
    found = clone(TINY).fit(TEXTS, labels)
    assert set(found.predict(TEXTS)) <= set(labels)


@pytest.mark.parametrize("made", [pa.array, lambda values: pa.chunked_array([values[:9], values[9:]])])
def test_columns_of_pyarrow_are_texts_and_labels(fitted, made):
    found = clone(fitted).fit(made(TEXTS), made(LABELS.tolist()))
    assert found.classes_.tolist() == ["money", "time"]
    np.testing.assert_array_equal(found.predict_proba(made(TEXTS[:5])), fitted.predict_proba(TEXTS[:5]))


def test_a_pickled_one_says_the_same(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS), strict=True)


def test_it_works_in_pipelines_folds_and_searches():
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.upper() for text in texts]), clone(TINY))
    assert cross_val_score(pipeline, TEXTS, LABELS, cv=2).shape == (2,)
    search = GridSearchCV(TINY, {"method": ["cross_entropy", "gce[q=0.4]"]}, cv=2).fit(TEXTS, LABELS)
    assert search.best_params_["method"] in ("cross_entropy", "gce[q=0.4]")


def test_numbers_of_numpy_are_parameters_as_those_of_python(fitted):
    given = {"epochs": np.int64(8), "max_tokens": np.int32(16), "random_state": np.int64(0)}
    found = clone(TINY).set_params(**given).fit(TEXTS, LABELS)
    np.testing.assert_array_equal(found.predict_proba(TEXTS), fitted.predict_proba(TEXTS), strict=True)


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_checks_of_all_estimators_pass():
    ended = {one["check_name"]: one["status"] for one in check_estimator(TINY, on_skip=None, on_fail=None)}
    assert ended == {"check_estimator_cloneable": "passed"}


@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learns_checks_that_need_no_numbers_for_texts_pass(check):
    getattr(estimator_checks, check)("NoisyLabelClassifier", TINY)


def test_a_second_fit_gives_the_same_and_changes_no_parameter(fitted):
    again = clone(fitted)
    before = again.get_params()
    for _ in range(2):
        again.fit(TEXTS, LABELS)
    assert again.get_params() == before
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS), strict=True)


def test_a_prediction_changes_nothing_of_what_was_fitted(fitted):
    before = dict(vars(fitted))
    fitted.predict(TEXTS[:3])
    assert vars(fitted) == before


def test_without_a_fit_nothing_is_predicted():
    with pytest.raises(NotFittedError):
        clone(TINY).predict(TEXTS)


@pytest.mark.parametrize(
    ("texts", "labels", "named"),
    [
        ("one text", LABELS, "list"),
        (None, LABELS, "NoneType"),
        (dict.fromkeys(TEXTS), LABELS, "dict"),
        (set(TEXTS), LABELS, "set"),
        (pd.DataFrame({"text": TEXTS}), LABELS, r"\(60, 1\).*X\['text'\]"),
        (np.array(TEXTS)[:, None], LABELS, r"\(60, 1\)"),
        (TEXTS, pd.DataFrame({"label": LABELS}), r"\(60, 1\)"),
        (TEXTS, None, "one label"),
        ([*TEXTS[:-1], None], LABELS, r"X\[59\]"),
        ([*TEXTS[:-1], " "], LABELS, r"X\[59\]"),
        (TEXTS, LABELS[:-1], "60"),
        (TEXTS, ["a"] * 60, "1 class"),
        (TEXTS, [0.5] * 60, "0.5"),
        (TEXTS, [None, *LABELS[1:]], "None"),
        (TEXTS, [*LABELS[:-1], 3], r"y\[59\] is 3"),
        (TEXTS, [*LABELS[:-1], " "], r"y\[59\] is ' '"),
        (TEXTS, np.array([0.0, 1.0, np.nan] * 20), r"y\[2\] is nan"),
        (TEXTS, pd.Series([0, 1, None] * 20, dtype="Int64"), r"y\[2\] is "),
    ],
)
def test_texts_and_labels_that_cannot_be_used_are_a_value_error_that_names_them(texts, labels, named):
    with pytest.raises(ValueError, match=named):
        clone(TINY).fit(texts, labels)


@pytest.mark.parametrize(
    "parameters",
    [
        {"epochs": 0},
        {"max_tokens": 1},
        {"method": "no_such"},
        {"random_state": -1},
        {"method": "dygen", "encoder": "minilm"},
        {"method": "clean_few"},
    ],
)
def test_a_parameter_that_cannot_be_is_refused(parameters):
    with pytest.raises(BenchmarkError, match=str(next(iter(parameters.values())))):
        clone(TINY).set_params(**parameters).fit(TEXTS, LABELS)


def test_torch_is_left_as_the_caller_had_it():
    torch.set_default_dtype(torch.float64)
    try:
        clone(TINY).fit(TEXTS, LABELS)
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
