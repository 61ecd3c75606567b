"""A grid and what was chosen of it, expanded into trials."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmark.contracts import BenchmarkError, Method, NoiseModel, UnknownNameError, method_from, methods, noise_from
from benchmark.contracts.parameters.bounds import check_trials
from benchmark.corpora import card_digest, corpus_names, is_own, load_card
from benchmark.experiment.choices import Choices
from benchmark.experiment.grid import Grid
from benchmark.experiment.options import check_options
from benchmark.records.code.plugins import source_digest
from benchmark.records.config import Limits, TrialConfig, differences, noise_fields, parameters
from benchmark.records.schema import PROTOCOL_VERSION
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.encoders.positions import check_tokens
from benchmark.training.recipes import Recipe
from methods.shared.noise_rates import DEFAULT_ESTIMATOR

RANKED = "ranked"


def expand(grid: Grid, choices: Choices, warn: Callable[[str], None] = lambda message: None) -> list[TrialConfig]:
    """Give every trial that a grid and its choices ask for, once each, in a fixed
    order.

    A method has no trial on a corpus that lacks the clean labels that it needs, and
    `warn` is told.
    """
    check_options(vars(choices))
    encoders = [encoder_from(name) for name in choices.encoders or grid.encoders]
    chosen = [_set(method_from(name), choices.settings) for name in _method_names(choices.methods or grid.methods)]
    _refuse_unused(choices.settings, chosen)
    seeds = choices.seeds if choices.seeds is not None else grid.seeds
    numbers = [int(seed) for seed in seeds] if isinstance(seeds, Sequence) else range(seeds)
    cells = _cells(grid, choices)
    check_trials(len(chosen), len(cells), len(encoders), len(numbers))
    weights = {encoder.name: encoder.weights_digest() for encoder in encoders}
    found: dict[str, TrialConfig] = {}
    impossible = {corpus: _without_labels(chosen, corpus) for corpus, _ in cells}
    for corpus, noise in cells:
        card = card_digest(corpus)
        for encoder in encoders:
            common: dict[str, Any] = {
                "corpus": corpus,
                "card": card,
                **noise_fields(noise),
                "encoder": encoder.name,
                "weights": weights[encoder.name],
                "recipe": _recipe(encoder, corpus, choices).as_config(),
                "limits": _limits(grid, corpus, choices.limit_examples),
                "threads": choices.threads_per_trial,
            }
            for method in (one for one in chosen if one not in impossible[corpus]):
                own = method_fields(method)
                for seed in numbers:
                    config = TrialConfig(**common, **own, seed=seed)
                    found.setdefault(config.id, config)
    lacking = [f"{method} on {corpus}" for corpus, methods in impossible.items() for method in methods]
    if lacking:
        warn(f"Left out, since it takes clean labels that nobody knows: {', '.join(lacking)}.")
    if not found:
        raise BenchmarkError("The grid and the options leave no trial to run; loosen one of the axes.")
    return list(found.values())


def method_fields(method: Method) -> dict[str, Any]:
    """Give what of a method enters a trial's configuration."""
    return {
        "method": str(method),
        "method_version": method.version,
        "method_source": source_digest(type(method)),
        "parameters": parameters(method),
        "estimator": DEFAULT_ESTIMATOR if method.noise_rate_source == "estimated" else None,
    }


def as_now(config: TrialConfig) -> TrialConfig:
    """Give the same trial with the versions, cards and weights that this code and
    machine have.
    """
    encoder = encoder_from(config.encoder)
    now: dict[str, Any] = {
        "protocol": PROTOCOL_VERSION,
        "card": card_digest(config.corpus),
        **noise_fields(noise_from(config.noise)),
        "weights": encoder.weights_digest(),
        **method_fields(method_from(config.method)),
    }
    return TrialConfig(**config.model_dump() | now)


def as_recorded(config: TrialConfig) -> TrialConfig:
    """Give the same trial.

    One that this code and the data at hand no longer make is an error.
    """
    now = as_now(config)
    if now.id != config.id:
        changes = "; ".join(differences(config.model_dump(mode="json"), now.model_dump(mode="json")))
        raise BenchmarkError(
            f"Trial {config.id} cannot be run again as it was: {changes}. Bring back the same data, weights and "
            "plugins, or run it as a new trial by naming its method, corpus, noise and encoder."
        )
    return config


def _method_names(given: Iterable[str]) -> list[str]:
    names: list[str] = []
    for name in given:
        if name == RANKED:
            names += [n for n in methods if not method_from(n).oracle and not methods[n].control]
        else:
            names.append(name)
    return list(dict.fromkeys(names))


def _without_labels(chosen: Sequence[Method], corpus: str) -> list[Method]:
    """Give the methods that need clean labels of a split that has none."""
    unknown = set(load_card(corpus).no_clean)
    return [method for method in chosen if unknown & {need.reads_clean for need in method.needs()}]


def _cells(grid: Grid, choices: Choices) -> list[tuple[str, NoiseModel]]:
    pairs: list[tuple[str, str]] = []
    if choices.corpora is None:
        rows = [(cells.corpora, choices.noises or cells.noises) for cells in grid.cells]
    else:
        rows = [((name,), choices.noises or _noises_of(grid, name)) for name in choices.corpora]
    for corpora, noises in rows:
        pairs += [(corpus, noise) for corpus in corpora for noise in noises]
    cells = []
    for corpus, text in dict.fromkeys(pairs):
        if corpus not in corpus_names():
            raise UnknownNameError("corpus", corpus, corpus_names())
        noise = noise_from(text)
        check_noise(corpus, noise)
        if noise.reads_clean_labels and "train" in load_card(corpus).no_clean:
            raise BenchmarkError(
                f"Noise '{noise}' starts from clean labels, and '{corpus}' has none. Leave out --noises to take its "
                "labels as they are, or name a column of labels that can be trusted by --clean-column."
            )
        cells.append((corpus, noise))
    return list({(corpus, str(noise)): (corpus, noise) for corpus, noise in cells}.values())


def _noises_of(grid: Grid, corpus: str) -> tuple[str, ...]:
    """Give the grid's noises for a corpus.

    A user's own labels, which may be wrong, are taken as they are.
    """
    if is_own(corpus) and load_card(corpus).observed:
        return tuple(f"observed({source})" for source in load_card(corpus).observed)
    own = [noise for cells in grid.cells if corpus in cells.corpora for noise in cells.noises]
    every = [noise for cells in grid.cells for noise in cells.noises if not noise.startswith("observed")]
    return tuple(dict.fromkeys(own or every))


def check_noise(corpus: str, noise: NoiseModel) -> None:
    """Raise a BenchmarkError where the corpus cannot have the noise.

    Reads the card alone.
    """
    for step in noise.steps:
        _check_observed(corpus, step)
    try:
        noise.check(load_card(corpus).label_names)
    except BenchmarkError as error:
        raise BenchmarkError(f"Corpus '{corpus}': {error}") from None


def _check_observed(corpus: str, noise: NoiseModel) -> None:
    if noise.name != "observed":
        return
    known, source = load_card(corpus).observed, str(getattr(noise, "source", None))
    if source not in known:
        raise UnknownNameError(f"observed noise of corpus '{corpus}':", source, known)
    chooses = [name for name in ("votes", "ties") if getattr(noise, name, None) is not None]
    if chooses and known[source].reads != "votes":
        raise BenchmarkError(
            f"{noise} on corpus '{corpus}': the source '{source}' gives one label a row, so there are no votes to "
            f"choose from. Leave out {' and '.join(chooses)}."
        )


def _recipe(encoder: Encoder, corpus: str, choices: Choices) -> Recipe:
    tokens = load_card(corpus).default_max_tokens
    check_tokens(encoder, tokens, corpus)
    recipe = dataclasses.replace(encoder.recipe, max_tokens=tokens).varied(choices.batch_size, choices.precision)
    return recipe if choices.epochs is None else dataclasses.replace(recipe, epochs=choices.epochs)


def _limits(grid: Grid, corpus: str, cap: int | None) -> Limits:
    """Limit the corpora that a grid names by what the grid sets.

    One that an option brings in is whole, unless that is bounded, too.
    """
    limits = grid.limits if any(corpus in cells.corpora for cells in grid.cells) else Limits()
    if cap is None:
        return limits
    return Limits(**{name: min(cap, value or cap) for name, value in limits.model_dump().items()})


def _set(method: Method, settings: Sequence[str]) -> Method:
    for setting in settings:
        name, field, value = _split(setting)
        if name == method.name:
            changed = method_from(f"{name}[{field}={value}]")
            method = dataclasses.replace(method, **{field: getattr(changed, field)})  # type: ignore[type-var]
    return method


def _split(setting: str) -> tuple[str, str, str]:
    target, equals, value = setting.partition("=")
    name, dot, field = target.partition(".")
    if not (equals and dot and name and field):
        raise BenchmarkError(f"Cannot read the setting '{setting}'. Write method.field=value, as in gce.q=0.4.")
    if name not in methods:
        raise UnknownNameError("method", name, methods)
    return name, field, value


def _refuse_unused(settings: Sequence[str], chosen: Sequence[Method]) -> None:
    for setting in settings:
        name = _split(setting)[0]
        if name not in {method.name for method in chosen}:
            raise BenchmarkError(
                f"The setting '{setting}' is for method '{name}', which is not among the chosen ones: "
                f"{', '.join(str(method) for method in chosen)}."
            )
