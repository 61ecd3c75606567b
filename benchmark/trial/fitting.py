"""A check of methods' parameters against the sizes of their cells."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from benchmark.contracts import BenchmarkError, Method, Sizes, method_from, noise_from
from benchmark.contracts.parameters.fields import given_bounds
from benchmark.corpora import availability, limit_corpus, load_card, load_corpus, split_rows
from benchmark.noisy_labels.cache import load_noisy_labels
from benchmark.noisy_labels.inject import VALID_FRACTION, inject_noise
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.trial.artefacts.keys import artefact_keys


def check_fit(configs: Iterable[TrialConfig], artefacts: ArtefactCache) -> None:
    """Raise a BenchmarkError where a parameter does not fit its cell.

    The smallest cell is named. Training texts are counted in prepared labels where
    there are some. Else labels are made in memory for a method whose parameter was set
    to another value than its default, if the noise reads nothing that is costly to
    make. Else the corpus bounds the count from above.
    """
    count = _Counter(artefacts)
    chosen = {(config.method, config.cell, config.seed): config for config in configs}
    sized = []
    for config in chosen.values():
        method, batch = _method(config.method), config.recipe["batch_size"]
        rows = count(config, method)
        sizes = Sizes(
            train_rows=rows,
            classes=len(load_card(config.corpus).label_names),
            epochs=config.recipe["epochs"],
            batch_size=batch if rows is None else min(batch, rows),
        )
        sized.append((sizes, config, method))
    for sizes, config, method in sorted(sized, key=lambda one: one[0].train_rows or 0):
        try:
            method.check_sizes(sizes)
        except BenchmarkError as error:
            raise BenchmarkError(
                f"Corpus '{config.corpus}' under noise '{config.noise}': {error} "
                f"Set it, as in --set {method.name}.FIELD=VALUE, or leave out the method or the corpus."
            ) from None


class _Counter:
    """Counts the labelled training texts of a trial, each cell and seed once."""

    def __init__(self, artefacts: ArtefactCache) -> None:
        self._prepared = functools.cache(functools.partial(_prepared_rows, artefacts))
        # Labels do not depend on the method, and their names take long to work out.
        self._names: dict[tuple[str, int], str] = {}
        self._made = functools.cache(_made_rows)
        # Kept no longer than this check: a user's table may change under its name.
        self._most = functools.cache(_most_rows)

    def __call__(self, config: TrialConfig, method: Method) -> int | None:
        cell = (config.cell, config.seed)
        if cell not in self._names:
            self._names[cell] = artefact_keys(config).noisy_labels
        prepared = self._prepared(self._names[cell])
        if prepared is not None:
            return prepared
        limits = tuple(config.limits.by_split().items())
        if "train_rows" in given_bounds(method):
            made = self._made(config.corpus, config.noise, limits, config.seed)
            if made is not None:
                return made
        return self._most(config.corpus, config.limits.train)


@functools.cache
def _method(text: str) -> Method:
    return method_from(text)


def _prepared_rows(artefacts: ArtefactCache, name: str) -> int | None:
    path = artefacts.place(name) / "labels.npz"
    if not path.is_file():
        return None
    try:
        return len(load_noisy_labels(path).train_rows)
    except BenchmarkError:
        # Damaged labels are told of where they are used.
        return None


def _made_rows(corpus: str, noise: str, limits: tuple[tuple[str, int], ...], seed: int) -> int | None:
    model = noise_from(noise)
    if model.arrays_read or not availability(corpus).at_hand:
        return None
    cut = limit_corpus(load_corpus(corpus), dict(limits))
    return len(inject_noise(cut, model, seed).train_rows)


def _most_rows(corpus: str, limit: int | None) -> int | None:
    """Bound the training texts by the card or the files at hand; None without both."""
    rows = split_rows(corpus)
    if not rows:
        return None
    most = rows["train"] if limit is None else min(limit, rows["train"])
    return most if "valid" in rows else most - max(1, round(VALID_FRACTION * most))
