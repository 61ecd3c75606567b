"""A classifier of texts with the manners of scikit-learn."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from benchmark.contracts import BenchmarkError
from benchmark.contracts.labels.texts import given_texts, plain_values
from benchmark.experiment.options import check_options
from benchmark.model.memory import config_of_texts, corpus_of
from benchmark.model.training import train_model
from benchmark.records.artefacts import ArtefactCache

FEWEST_TEXTS = 8


class InputError(BenchmarkError, ValueError):
    """Texts or labels cannot be used; scikit-learn knows it as a ValueError."""


class NoisyLabelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of texts that is trained on labels of which some are wrong.

    It is trained as a trial is: a tenth of the texts becomes validation, whose noisy
    labels choose the point of the training. The model has seen most of the labels that
    `label_quality_` judges; `benchmark.api.label_quality` judges each by models that
    have not.

    Parameters
    ----------
    method : a method as `list methods` has it, with its parameters, as in gce[q=0.4].
    encoder : an encoder as `list encoders` has it.
    epochs : epochs in place of the recipe's.
    max_tokens : texts are cut there.
    random_state : the seed of the training, a whole number.

    Attributes
    ----------
    classes_ : the classes (C,), sorted.
    model_ : what `benchmark.model.files.save_model` writes.
    label_quality_ : float32 (N,), the probability that the model gives each label.
    corrected_labels_ : (N,), the likeliest class of each text.
    """

    def __init__(
        self,
        method: str = "cross_entropy",
        encoder: str = "frozen:minilm",
        epochs: int | None = None,
        max_tokens: int = 128,
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.encoder = encoder
        self.epochs = epochs
        self.max_tokens = max_tokens
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Sequence[Any]) -> NoisyLabelClassifier:
        """Train on texts and their labels: names, or whole numbers."""
        texts = _texts(X)
        labels = _labels(y, len(texts))
        epochs, max_tokens, seed = self._checked_parameters()
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2 or len(texts) < FEWEST_TEXTS:
            raise InputError(
                f"{len(texts)} texts with {len(self.classes_)} class(es) were given; at least {FEWEST_TEXTS} texts and "
                "2 classes are needed."
            )
        names = [str(name) for name in self.classes_.tolist()]
        corpus = corpus_of(texts, codes.astype(np.int64), names)
        with tempfile.TemporaryDirectory() as folder:
            artefacts = ArtefactCache(Path(folder))
            config = config_of_texts(corpus, artefacts, self.method, self.encoder, seed, epochs, max_tokens)
            self.model_ = train_model(config, artefacts)
        probabilities = self.model_.predict_proba(texts)
        self.label_quality_ = probabilities[np.arange(len(texts)), codes]
        self.corrected_labels_ = self.classes_[probabilities.argmax(axis=1)]
        return self

    def predict_proba(self, X: Sequence[str]) -> npt.NDArray[np.float32]:
        """Give the probabilities of `classes_`, float32 (N, C)."""
        check_is_fitted(self)
        return self.model_.predict_proba(_texts(X))

    def predict(self, X: Sequence[str]) -> npt.NDArray[Any]:
        """Give the likeliest class of each text, (N,)."""
        probabilities = self.predict_proba(X)
        found: npt.NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _checked_parameters(self) -> tuple[int | None, int, int]:
        """Give epochs, tokens and seed as Python's numbers.

        A search over an array gives those of numpy.
        """
        epochs, max_tokens, seed = map(_as_python, (self.epochs, self.max_tokens, self.random_state))
        check_options({"methods": [self.method], "encoders": [self.encoder], "max_tokens": max_tokens})
        check_options({} if epochs is None else {"epochs": epochs})
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InputError(f"random_state is {seed!r}; it must be a whole number from 0 on.")
        return epochs, max_tokens, seed


def _as_python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _texts(given: Any) -> list[str]:
    """The texts, each a string that says something."""
    try:
        found = given_texts(given, "X")
    except BenchmarkError as error:
        raise InputError(str(error)) from None
    for place, text in enumerate(found):
        if not text.strip():
            raise InputError(f"X[{place}] is {text!r}; every row of X must be a text. Fill it or leave it out.")
    return found


def _labels(given: Any, texts: int) -> npt.NDArray[Any]:
    """The labels, one a text: all names, or all whole numbers, or all truth values."""
    given = plain_values(given)
    labels: npt.NDArray[Any] = np.asarray(given) if hasattr(given, "dtype") else np.array(given, dtype=object)
    if labels.ndim != 1 or len(labels) != texts:
        raise InputError(f"y has shape {labels.shape}; one label for each of {texts} texts is needed.")
    values = labels.tolist()
    kind = next((kind for kind in (_is_name, _is_truth) if values and kind(values[0])), _is_whole)
    for place, label in enumerate(values):
        if not kind(label):
            raise InputError(
                f"y[{place}] is {label!r}; labels must all be names, or all whole numbers, and none may be absent."
            )
    return labels if labels.dtype.kind != "O" or kind is _is_name else np.array(values)


def _is_name(label: Any) -> bool:
    return isinstance(label, str) and bool(label.strip())


def _is_truth(label: Any) -> bool:
    return isinstance(label, bool | np.bool_)


def _is_whole(label: Any) -> bool:
    return isinstance(label, Real) and not _is_truth(label) and float(label).is_integer()
